import fc from 'fast-check'

const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })

const secrets = fc.constantFrom(
  { 'db-password': { env: 'DB_PASSWORD' } },
  { 'db-password': { file: './db' }, key: { exec: ['pass', 'show', 'key'] } },
)

const manifests = fc.subarray([
  './manifests',
  './site/ingress.yaml',
  { file: './site/policy.json' },
  { file: './site/database.yaml', secrets: { 'db-password': { env: 'DB_PASSWORD' } } },
])

const chart = fc
  .record({
    name: fc.constantFrom('podinfo', 'grafana'),
    file: fc.constantFrom('./charts/podinfo-6.9.0.tgz', './charts/grafana'),
    namespace: sometimes(fc.constantFrom('demo', 'kube-system')),
    values: sometimes(fc.constant('./charts/values.yaml')),
    secrets: sometimes(secrets),
    set: sometimes(
      fc.dictionary(fc.constantFrom('replicas', 'ui.message'), fc.constantFrom(2, 'yes, no', true)),
    ),
    timeout: sometimes(fc.constant('10m')),
    failurePolicy: sometimes(fc.constantFrom('reinstall', 'abort')),
  })
  // Secrets of a chart stand in its values.
  .map((asked) => (asked.values === undefined ? { ...asked, secrets: undefined } : asked))

const extra = fc.subarray([
  'nginx:1.29',
  `ghcr.io/acme/oven@sha256:${'cd'.repeat(32)}`,
  { image: 'ghcr.io/acme/bell:2', architectures: ['arm64'] },
  { file: './images/app.tar.zst', as: 'registry.example.com/app:1.4' },
  { oci: './images/timer', tag: '3' },
  { containersStorage: 'localhost/local:1' },
])

const byName = { selector: ({ name }: { readonly name: string }) => name, maxLength: 2 }

/** `images` of a profile: what is carried and deployed. */
export const randomImages = fc.record({
  extra: sometimes(extra),
  manifests: sometimes(manifests),
  charts: sometimes(fc.uniqueArray(chart, byName)),
  chartConfigs: sometimes(
    fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('traefik', 'loki'),
        values: fc.constant('./charts/config.yaml'),
        secrets: sometimes(secrets),
      }),
      byName,
    ),
  ),
  pulled: sometimes(fc.constantFrom(['*'], ['ghcr.io/acme/*'])),
})

export type RandomImages = typeof randomImages extends fc.Arbitrary<infer Images> ? Images : never

/** `nodes[].k3s` of any node. */
export const randomNodeConfig = fc.record({
  'kubelet-arg': sometimes(fc.subarray(['max-pods=50', 'serialize-image-pulls=false'])),
  'node-external-ip': sometimes(fc.constant('203.0.113.7')),
  'pause-image': sometimes(fc.constant('rancher/mirrored-pause:3.6')),
})
