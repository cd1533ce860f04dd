import Type from 'typebox'
import { secretReference } from './secret.ts'
import { dnsLabel, text } from './text.ts'
import { durationPattern, imagePattern } from './text-patterns.ts'

/** What k3s deploys by itself: manifests, and Helm charts through its Helm controller (docs.k3s.io/add-ons/helm). */

const secrets = Type.Record(
  Type.String(),
  secretReference('Where the value for `${name}` is found when images are built.'),
  {
    description:
      'Secrets by the name that stands as `${name}` in the file, or as `${name:base64}` for its base64 form. What holds one travels in the seed of the first server, never in the part that all nodes share. `$${name}` stays `${name}`.',
    examples: [{ 'db-password': { env: 'DB_PASSWORD' } }],
  },
)

const failurePolicy = Type.Enum(['reinstall', 'abort'], {
  description:
    'What the Helm controller does with a release that failed: uninstall and install it again, or leave it as it is.',
  default: 'reinstall',
  examples: ['abort'],
})

const manifest = Type.Object(
  {
    file: text('Path of the manifest, relative to the profile.', ['./manifests/database.yaml']),
    secrets: Type.Optional(secrets),
  },
  {
    description: 'A manifest with secrets in it.',
    examples: [{ file: './manifests/database.yaml', secrets: { 'db-password': { env: 'DB_PASSWORD' } } }],
    additionalProperties: false,
  },
)

export const manifestsSchema = Type.Array(
  Type.Union([
    text('Path of a manifest, or of a folder of them, relative to the profile.', ['./manifests']),
    manifest,
  ]),
  {
    description:
      'Manifests that k3s deploys by itself: files, and folders with all that is below them (.yaml, .yml, .json; names that begin with a dot are left out).',
    examples: [['./manifests', { file: './db.yaml', secrets: { 'db-password': { env: 'DB_PASSWORD' } } }]],
  },
)

const chart = Type.Object(
  {
    name: dnsLabel('Name of the release.', ['podinfo']),
    file: text(
      'Path of the chart, relative to the profile: a packed one (.tgz), or the folder with its Chart.yaml.',
      ['./charts/podinfo-6.9.0.tgz'],
    ),
    namespace: Type.Optional(dnsLabel('Namespace to install into. Default: `default`.', ['demo'])),
    createNamespace: Type.Optional(
      Type.Boolean({
        description:
          'Whether the namespace is made when there is none. Default: true where `namespace` is set.',
        examples: [false],
      }),
    ),
    values: Type.Optional(text('Path of a values file, relative to the profile.', ['./charts/podinfo.yaml'])),
    secrets: Type.Optional(secrets),
    set: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
        description: 'Single values, as `helm --set` takes them. They win over every file.',
        examples: [{ replicaCount: 2 }],
      }),
    ),
    bootstrap: Type.Optional(
      Type.Boolean({
        description: 'Install before the network of pods works, for charts that bring it.',
        default: false,
        examples: [true],
      }),
    ),
    timeout: Type.Optional(
      Type.String({
        description: 'How long Helm waits for one operation.',
        default: '300s',
        examples: ['15m'],
        pattern: durationPattern,
      }),
    ),
    backOffLimit: Type.Optional(
      Type.Integer({
        description: 'How often the job that installs is tried again.',
        default: 1000,
        examples: [20],
        minimum: 0,
      }),
    ),
    failurePolicy: Type.Optional(failurePolicy),
  },
  {
    description: 'One Helm chart.',
    examples: [{ name: 'podinfo', file: './charts/podinfo-6.9.0.tgz' }],
    additionalProperties: false,
  },
)

export const chartsSchema = Type.Array(chart, {
  description: 'Helm charts to deploy, carried whole: nodes need no chart repository.',
  examples: [[{ name: 'podinfo', file: './charts/podinfo-6.9.0.tgz', namespace: 'demo' }]],
})

const chartConfig = Type.Object(
  {
    name: dnsLabel('Name of the release.', ['traefik']),
    values: text('Path of a values file, relative to the profile.', ['./charts/traefik.yaml']),
    secrets: Type.Optional(secrets),
    failurePolicy: Type.Optional(failurePolicy),
  },
  {
    description: 'Values of your own for a chart that something else deploys.',
    examples: [{ name: 'traefik', values: './charts/traefik.yaml' }],
    additionalProperties: false,
  },
)

export const chartConfigsSchema = Type.Array(chartConfig, {
  description:
    'Values for charts that k3s packages (`traefik`) or that a manifest of yours deploys: each becomes a HelmChartConfig.',
  examples: [[{ name: 'traefik', values: './charts/traefik.yaml' }]],
})

export const pulledSchema = Type.Array(Type.String({ pattern: imagePattern }), {
  description:
    'Images that nodes fetch from a registry by themselves, for sites with a network: names, `*` stands for any text. What is named here need not be on board.',
  examples: [['ghcr.io/acme/*'], ['*']],
})
