import Type from 'typebox'
import { firewallSchema } from './firewall.ts'
import { secretReference } from './secret.ts'
import { dnsLabel, lifetime, text, textList } from './text.ts'

/** Plain where anybody may use the proxy; where a user and a password belong to it, the whole address is a secret. */
const proxyAddress = (description: string) =>
  Type.Union([Type.String({ pattern: '\\S' }), secretReference('The address with its user and password.')], {
    description: `${description} An address without user and password, or where the whole address is found.`,
    examples: ['http://192.168.10.1:3128', { env: 'PROXY_URL' }],
  })

export const siteSchema = Type.Object(
  {
    timezone: Type.Optional(
      Type.String({
        description: 'Time zone of the nodes, a name of the tz database.',
        default: 'UTC',
        examples: ['Europe/Berlin'],
      }),
    ),
    ntp: Type.Optional(
      textList("Time servers, host names or addresses. Default: none but the distribution's own.", [
        ['192.168.10.1'],
      ]),
    ),
    proxy: Type.Optional(
      Type.Object(
        {
          http: Type.Optional(proxyAddress('Proxy for http.')),
          https: Type.Optional(proxyAddress('Proxy for https.')),
          noProxy: Type.Optional(
            textList('Further names and networks to reach directly; those of the cluster are filled in.', [
              ['.example.com'],
            ]),
          ),
        },
        {
          description: 'Proxy for k3s and its container runtime. NO_PROXY is filled from the cluster.',
          examples: [{ https: 'http://192.168.10.1:3128' }],
          additionalProperties: false,
        },
      ),
    ),
    firewall: Type.Optional(firewallSchema),
  },
  {
    description: 'What all nodes of the site share.',
    examples: [{ timezone: 'Europe/Berlin' }],
    additionalProperties: false,
  },
)

const user = Type.Object(
  {
    name: dnsLabel('Login name.', ['ops']),
    sshKeys: textList('Public keys in the form of `authorized_keys`. There are no passwords.', [
      ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHXGd5FbXyqXOIAmOTxMk/ToQHHsVM93NStV6p6H6pdD ops@example.com'],
    ]),
    sudo: Type.Optional(
      Type.Boolean({
        description: 'May become root without a password (there is none).',
        default: false,
        examples: [true],
      }),
    ),
  },
  {
    description: 'One person or role.',
    examples: [{ name: 'ops', sshKeys: ['ssh-ed25519 AAAA...'] }],
    additionalProperties: false,
  },
)

const admin = Type.Object(
  {
    lifetime: Type.Optional(
      lifetime(
        'How long the certificate of `out/<cluster>/kubeconfig` is valid, from the day it is made. It cannot be revoked.',
        '3y',
      ),
    ),
  },
  {
    description: "The administrator's kubeconfig.",
    default: { lifetime: '3y' },
    examples: [{ lifetime: '1y' }],
    additionalProperties: false,
  },
)

const kubeconfig = Type.Object(
  {
    name: text('Kubernetes user; names `out/<cluster>/<name>.kubeconfig`.', ['alice']),
    groups: Type.Optional(textList('Kubernetes groups of the user.', [['dev']])),
    role: Type.Optional(
      text(
        'A ClusterRole, such as `view`, `edit` or `cluster-admin`: bound in all namespaces to the groups, or to the user alone when there are none. Default: none; bind what is wanted by manifests of your own.',
        ['view'],
      ),
    ),
    lifetime: Type.Optional(
      lifetime('How long the certificate is valid, from the day it is made. It cannot be revoked.', '1y'),
    ),
  },
  {
    description: 'A kubeconfig for one user.',
    examples: [{ name: 'alice', groups: ['dev'], role: 'view', lifetime: '90d' }],
    additionalProperties: false,
  },
)

export const accessSchema = Type.Object(
  {
    users: Type.Array(user, {
      description: 'Who may log in by ssh, with keys only.',
      examples: [[{ name: 'ops', sshKeys: ['ssh-ed25519 AAAA...'], sudo: true }]],
    }),
    admin: Type.Optional(admin),
    kubeconfigs: Type.Optional(
      Type.Array(kubeconfig, {
        description: "Kubeconfigs beside the administrator's.",
        examples: [[{ name: 'alice', groups: ['dev'], role: 'view', lifetime: '90d' }]],
      }),
    ),
  },
  {
    description: 'Who may log in to the nodes, and who may use the cluster.',
    examples: [{ users: [{ name: 'ops', sshKeys: ['ssh-ed25519 AAAA...'], sudo: true }] }],
    additionalProperties: false,
  },
)
