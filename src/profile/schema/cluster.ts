import Type from 'typebox'
import { corednsSchema } from './coredns.ts'
import { hardeningSchema, podSecuritySchema } from './hardening.ts'
import { pkiSchema } from './pki.ts'
import { registriesSchema } from './registries.ts'
import { snapshotsSchema } from './snapshots.ts'
import { stateSchema } from './state.ts'
import { dnsLabel, secretReference, text, textList } from './text.ts'
import { vipSchema } from './vip.ts'

const datastore = Type.Object(
  {
    kind: Type.Enum(['sqlite', 'etcd', 'external'], {
      description:
        'sqlite: one server, nothing to run beside it. etcd: three or more servers, built into k3s. external: a database of your own.',
      examples: ['sqlite'],
    }),
    endpoint: Type.Optional(
      secretReference(
        'Address of the external database, with its password: `postgres://USER:PASSWORD@HOST:5432/DB`, `mysql://USER:PASSWORD@tcp(HOST:3306)/DB`, `https://HOST:2379,https://HOST:2379` (etcd) or `nats://HOST:4222`. Servers alone get it.',
      ),
    ),
    ca: Type.Optional(
      text('Certificate authority that signed the certificate of the external database, a PEM file.', [
        './db/ca.crt',
      ]),
    ),
    cert: Type.Optional(
      text('Client certificate to log in to the external database with, a PEM file; with `key`.', [
        './db/client.crt',
      ]),
    ),
    key: Type.Optional(secretReference('Key of the client certificate.')),
    snapshots: Type.Optional(snapshotsSchema),
  },
  {
    description: 'Where the cluster keeps its state.',
    default: { kind: 'sqlite' },
    examples: [{ kind: 'sqlite' }],
    additionalProperties: false,
  },
)

const k3s = Type.Object(
  {
    version: text('The k3s release, in full. Pinned by the lock; nothing else is ever used.', [
      'v1.33.1+k3s1',
    ]),
    datastore: Type.Optional(datastore),
    disable: Type.Optional(
      textList('Packaged components that k3s must not deploy.', [['traefik'], ['traefik', 'servicelb']]),
    ),
    hardening: Type.Optional(hardeningSchema),
    podSecurity: Type.Optional(podSecuritySchema),
    registries: Type.Optional(registriesSchema),
    coredns: Type.Optional(corednsSchema),
    config: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          "Any other key of k3s's server config.yaml, by the name of the long flag without dashes. Keys that the tool writes itself are refused.",
        examples: [{ 'secrets-encryption': true }],
      }),
    ),
    agentConfig: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Keys of config.yaml that every node gets, servers and agents alike.',
        examples: [{ 'kubelet-arg': ['max-pods=60'] }],
      }),
    ),
  },
  {
    description: 'The Kubernetes distribution on every node.',
    examples: [{ version: 'v1.33.1+k3s1' }],
    additionalProperties: false,
  },
)

export const clusterSchema = Type.Object(
  {
    name: dnsLabel('Name of the cluster, a DNS label; names `out/<name>/` and `.appliance/<name>/`.', [
      'bakery',
    ]),
    endpoint: Type.Optional(
      text(
        'Host name or address of the API in the kubeconfig and for joining nodes, without scheme and port. Default: `vip`, else the first server, by its static address or else its name.',
        ['bakery.example.com', '192.168.10.11'],
      ),
    ),
    vip: Type.Optional(vipSchema),
    k3s,
    pki: Type.Optional(pkiSchema),
    state: Type.Optional(stateSchema),
  },
  {
    description: 'The cluster as a whole.',
    examples: [{ name: 'bakery', k3s: { version: 'v1.33.1+k3s1' } }],
    additionalProperties: false,
  },
)
