import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ChartSource } from './helm-chart.ts'
import { helmChart, helmChartConfig } from './helm-chart.ts'
import type { TemplatePart } from './locked-workloads.ts'

const content: ChartSource = { kind: 'content', bytes: new TextEncoder().encode('a packed chart') }
const values = `# Of the site.
replicas: 2
motd: |
  "quoted", 'single', and a tab:\t.

  %{NOT_A_VARIABLE}%
`

test.each([
  ['plain', helmChart({ name: 'podinfo', file: './podinfo' }, content, null)],
  [
    'everything',
    helmChart(
      {
        name: 'podinfo',
        file: './podinfo.tgz',
        namespace: 'demo',
        createNamespace: true,
        values: './podinfo.yaml',
        set: { 'ui.message': 'yes, no', replicas: 3, debug: true, ratio: 0.5, empty: '' },
        bootstrap: true,
        timeout: '10m',
        backOffLimit: 5,
        failurePolicy: 'abort',
      },
      content,
      values,
    ),
  ],
  [
    'served-by-servers',
    helmChart(
      { name: 'podinfo', file: './podinfo', namespace: 'demo', createNamespace: false },
      { kind: 'served', fileName: 'podinfo-0123456789ab.tgz' },
      null,
    ),
  ],
])('the HelmChart of an entry of images.charts: %s', async (name, text) => {
  expect(parse(text)).toMatchObject({ kind: 'HelmChart', metadata: { namespace: 'kube-system' } })
  await expect(text).toMatchFileSnapshot(`testdata/helm-chart/${name}.yaml`)
})

const page = (parts: readonly TemplatePart[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : `<${part.secret} as ${part.as}>`)).join('')

test.each([
  ['config-plain', helmChartConfig('traefik', ['ports:\n  web: { nodePort: 30080 }\n'], 'reinstall')],
  [
    'config-with-secrets',
    helmChartConfig(
      'podinfo-values',
      [
        'db:\n  password: ',
        { secret: 'db-password', as: 'json' },
        '\n  url: "postgres://shop:',
        { secret: 'db-password', as: 'text' },
        '@db/shop"\n  legacy: ',
        { secret: 'db-password', as: 'base64' },
      ],
      undefined,
    ),
  ],
])('the HelmChartConfig of %s', async (name, parts) => {
  const filled = parts
    .map((part) => (typeof part === 'string' ? part : part.as === 'json' ? '"x"' : 'x'))
    .join('')
  const { spec } = parse(filled) as { readonly spec: { readonly valuesContent: string } }
  expect(parse(spec.valuesContent)).toBeTypeOf('object')
  await expect(page(parts)).toMatchFileSnapshot(`testdata/helm-chart/${name}.yaml`)
})
