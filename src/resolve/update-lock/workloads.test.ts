import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { composeSecret } from '../../materialise/secrets/compose.ts'
import { Secret } from '../../materialise/secrets.ts'
import { changedWorkloads } from '../read-inputs.ts'
import type { LockedWorkload } from '../workloads/locked-workloads.ts'
import { resolveWorkloads } from '../workloads/resolve-workloads.ts'
import { chartYamlText, memoryStore, places, requestFor, tgz, writeFiles } from './workloads/testing.ts'
import { readWorkloads } from './workloads.ts'

let host: TestHost
let folder: string
let work: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('site-')
  work = await host.files.makeTemporaryDirectory('work-')
})
afterEach(() => host.close())

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n${more}`

const read = async (images: string, files: Readonly<Record<string, string | Uint8Array>>) => {
  await writeFiles(host, folder, files)
  const { store, text } = memoryStore(host)
  const request = requestFor(images, folder)
  const [locked, faults] = await readWorkloads(host, store, work, request)
  const textOf = (fileName: string, from: readonly LockedWorkload[] = locked ?? []): string => {
    const content = from
      .flatMap(({ manifests }) => manifests)
      .find((each) => each.fileName === fileName)?.content
    return content?.kind === 'artifact' ? text(content.artifact.sha256) : ''
  }
  return { locked, faults, places: places(faults, folder), textOf, text, request }
}

const fileNames = (locked: readonly LockedWorkload[] | undefined): readonly string[] =>
  (locked ?? []).flatMap(({ manifests }) => manifests.map(({ fileName }) => fileName))

test('a folder is taken with all that is below it, but dotfiles, other files and what has a .skip beside it', async () => {
  const { locked, faults } = await read('{ manifests: [./manifests, ./last.yaml] }', {
    'manifests/one.yaml': configMap('one'),
    'manifests/deep/er/two.yml': `${configMap('two')}---\n${configMap('three')}`,
    'manifests/four.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] }),
    'manifests/.hidden.yaml': 'not: ours',
    'manifests/.git/config.yaml': 'not: ours',
    'manifests/README.md': '# what this is',
    'manifests/off.yaml': 'not: ours',
    'manifests/off.yaml.skip': '',
    'last.yaml': configMap('last'),
  })
  expect(faults).toEqual([])
  expect(fileNames(locked)).toEqual(['two.yml', 'four.json', 'one.yaml', 'last.yaml'])
  expect(locked?.map(({ entry }) => entry)).toEqual(['manifest ./manifests', 'manifest ./last.yaml'])
})

test.each<readonly [string, string, Readonly<Record<string, string>>, readonly string[]]>([
  [
    'a fault of syntax, in its file',
    '{ manifests: [./m] }',
    { 'm/a.yaml': 'a: 1\n  b: [', 'm/b.yaml': configMap('b') },
    ['L0030', 'm/a.yaml:1:4'],
  ],
  [
    'a key that stands twice',
    '{ manifests: [./a.yaml] }',
    { 'a.yaml': `${configMap('a')}kind: Secret\n` },
    ['L0030', 'a.yaml:4:1'],
  ],
  ['bytes that are no text', '{ manifests: [./a.yaml] }', { 'a.yaml': 'a: \ud800' }, ['L0031', 'a.yaml:1:1']],
  ['an empty file', '{ manifests: [./a.yaml] }', { 'a.yaml': '# nothing\n---\n' }, ['L0030', 'a.yaml:1:1']],
  [
    'a text that would exhaust the reader',
    '{ manifests: [./a.yaml] }',
    { 'a.yaml': '- '.repeat(5000) },
    ['L0030', 'a.yaml:1:1'],
  ],
  ['a values file', '{ manifests: [./a.yaml] }', { 'a.yaml': 'replicas: 2\n' }, ['L0031', 'a.yaml:1:1']],
  [
    'a second document without a kind',
    '{ manifests: [./a.yaml] }',
    { 'a.yaml': `${configMap('a')}---\napiVersion: v1\n` },
    ['L0031', 'a.yaml:5:1'],
  ],
  [
    'an object without a name',
    '{ manifests: [./a.yaml] }',
    { 'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { generateName: a- }\n' },
    ['L0031', 'a.yaml:1:1'],
  ],
  [
    'a namespace that nobody creates',
    '{ manifests: [./a.yaml] }',
    { 'a.yaml': configMap('a').replace('name: a', 'name: a, namespace: shop') },
    ['L0032', 'a.yaml:3:33'],
  ],
  [
    'a variable of the packaged manifests',
    '{ manifests: [./a.yaml] }',
    { 'a.yaml': configMap('a', '# %{CLUSTER_DNS}%\ndata: { dns: "%{CLUSTER_DNS}%" }\n') },
    ['L0033', 'a.yaml:5:15'],
  ],
  [
    'names that k3s takes for one, over folders',
    '{ manifests: [./m, ./one.b.yaml] }',
    { 'm/one.yaml': configMap('a'), 'one.b.yaml': configMap('b') },
    ['L0038', 'lab.yaml:1:28'],
  ],
  [
    'a name in a folder that k3s packages',
    '{ manifests: [./m] }',
    { 'm/coredns.yaml': configMap('a') },
    ['L0038', 'lab.yaml:1:23'],
  ],
  [
    'a name in a folder that is no DNS label',
    '{ manifests: [./m] }',
    { 'm/My_App.yaml': configMap('a') },
    ['L0038', 'lab.yaml:1:23'],
  ],
  ['a file that is missing', '{ manifests: [./a.yaml] }', {}, ['L0039', 'lab.yaml:1:23']],
  ['a folder without a manifest', '{ manifests: [./m] }', { 'm/README.md': '' }, ['L0039', 'lab.yaml:1:23']],
  ['a file of another kind', '{ manifests: [./app] }', { app: '' }, ['L0039', 'lab.yaml:1:23']],
  [
    'an object larger than etcd takes',
    '{ manifests: [./a.yaml] }',
    { 'a.yaml': configMap('a', `data:\n  a: |\n${'    some more text\n'.repeat(80_000)}`) },
    ['L0037', 'a.yaml:1:1'],
  ],
  [
    'a secret that stands nowhere',
    '{ manifests: [{ file: ./a.yaml, secrets: { pw: { env: X } } }] }',
    { 'a.yaml': configMap('a') },
    ['L0034', 'a.yaml:1:1'],
  ],
  [
    'a secret that the profile does not have',
    '{ manifests: [{ file: ./a.yaml, secrets: { pw: { env: X } } }] }',
    { 'a.yaml': configMap('a', 'data: { a: "${pw}", b: "${pv}" }\n') },
    ['L0034', 'a.yaml:4:24'],
  ],
  [
    'a secret as a key',
    '{ manifests: [{ file: ./a.yaml, secrets: { pw: { env: X } } }] }',
    { 'a.yaml': configMap('a', 'data: { "${pw}": a }\n') },
    ['L0034', 'a.yaml:4:9'],
  ],
  [
    'secrets for a folder',
    '{ manifests: [{ file: ./m, secrets: { pw: { env: X } } }] }',
    { 'm/a.yaml': configMap('a') },
    ['L0034', 'lab.yaml:1:31'],
  ],
  [
    'a large file with secrets',
    '{ manifests: [{ file: ./a.yaml, secrets: { pw: { env: X } } }] }',
    { 'a.yaml': configMap('a', `data: { a: "\${pw}" }\n${'# more\n'.repeat(10_000)}`) },
    ['L0037', 'lab.yaml:1:31'],
  ],
  [
    'values for a chart that nobody deploys',
    '{ chartConfigs: [{ name: nobody, values: ./v.yaml }] }',
    { 'v.yaml': 'a: 1\n' },
    ['L0042', 'lab.yaml:1:34'],
  ],
  [
    'values that are no map',
    '{ chartConfigs: [{ name: traefik, values: ./v.yaml }] }',
    { 'v.yaml': '- a\n' },
    ['L0030', 'v.yaml:1:1'],
  ],
])('%s', async (_name, images, files, expected) => {
  const { places: found, faults, locked } = await read(images, files)
  expect(found).toEqual(expected)
  expect(faults.every(({ help, message }) => help !== '' && message !== '')).toBe(true)
  expect(locked === undefined).toBe(faults.some(({ severity }) => severity === 'error'))
})

test('namespaces of manifests and of charts count, wherever they are', async () => {
  const { faults } = await read(
    '{ manifests: [./a.yaml, ./z.yaml], charts: [{ name: podinfo, file: ./podinfo, namespace: demo }] }',
    {
      'a.yaml': [
        configMap('a').replace('name: a', 'name: a, namespace: shop'),
        configMap('b').replace('name: b', 'name: b, namespace: demo'),
        configMap('c').replace('name: c', 'name: c, namespace: kube-system'),
      ].join('---\n'),
      'z.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n',
      'podinfo/Chart.yaml': chartYamlText(),
    },
  )
  expect(faults).toEqual([])
})

test('a secret is composed into the text of its manifest, whatever it is and however its place is written', async () => {
  const { locked, request } = await read(
    '{ manifests: [{ file: ./db.yaml, secrets: { pw: { env: PW }, plain: { env: PLAIN } } }] }',
    {
      'db.yaml': `apiVersion: v1
kind: Secret
metadata: { name: db }
data: { a: "\${pw:base64}" }
stringData:
  plain: \${pw} # \${pw} in a comment stays
  quoted: '\${pw}'
  url: postgres://app:\${plain}@db/app
  script: |
    #!/bin/sh
    echo "$\${plain}" \${HOME} \${plain}
  after: "yes"
`,
    },
  )
  const [content] = resolveWorkloads(request.entries, locked ?? []).secretManifests
  expect(content?.fileName).toBe('db.yaml')
  const secret = 'it\'s "a\\b"\n: # {x}'
  const values: Readonly<Record<string, string>> = {
    'images.manifests[0].secrets.pw': secret,
    'images.manifests[0].secrets.plain': 'word',
  }
  const composed = await composeSecret(
    content?.parts ?? [],
    async ({ at }) => new Secret(new TextEncoder().encode(values[at] ?? '')),
  )
  const object = parse(new TextDecoder().decode(composed.reveal()))
  expect(object.data).toEqual({ a: Buffer.from(secret).toString('base64') })
  expect(object.stringData).toEqual({
    plain: secret,
    quoted: secret,
    url: 'postgres://app:word@db/app',
    script: '#!/bin/sh\necho "${plain}" ${HOME} word\n',
    after: 'yes',
  })
})

test('a chart becomes a HelmChart that holds it; folder and archive of one chart differ in nothing else', async () => {
  const files = {
    'podinfo/Chart.yaml': chartYamlText(),
    'podinfo/values.yaml': 'replicaCount: 1\n',
    'podinfo/templates/a.yaml': configMap('a'),
    'podinfo/.helmignore': '*.orig\n',
    'values.yaml': '# ours\nreplicaCount: 2\n',
  }
  const images =
    '{ charts: [{ name: podinfo, file: ./podinfo, namespace: demo, values: ./values.yaml, set: { a.b: 1, c: true }, timeout: 10m, failurePolicy: abort, backOffLimit: 3, bootstrap: true }] }'
  const first = await read(images, files)
  expect(first.faults).toEqual([])
  const { chartContent, ...spec } = parse(first.textOf('podinfo.yaml')).spec
  expect(spec).toEqual({
    targetNamespace: 'demo',
    createNamespace: true,
    valuesContent: '# ours\nreplicaCount: 2\n',
    set: { 'a.b': 1, c: 'true' },
    bootstrap: true,
    timeout: '10m',
    backOffLimit: 3,
    failurePolicy: 'abort',
  })
  const archive = Buffer.from(chartContent, 'base64')
  const second = await read('{ charts: [{ name: podinfo, file: ./podinfo.tgz }] }', {
    'podinfo.tgz': archive,
  })
  expect(second.faults).toEqual([])
  expect(parse(second.textOf('podinfo.yaml'))).toEqual({
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChart',
    metadata: { name: 'podinfo', namespace: 'kube-system' },
    spec: { chartContent, targetNamespace: 'default' },
  })
  const again = await read(images, {})
  expect(again.locked).toEqual(first.locked)
})

test('values with secrets are a HelmChartConfig that k3s reads before the chart', async () => {
  const { locked, request, textOf } = await read(
    '{ charts: [{ name: podinfo, file: ./podinfo, values: ./v.yaml, secrets: { pw: { env: PW } } }], chartConfigs: [{ name: traefik, values: ./t.yaml }] }',
    {
      'podinfo/Chart.yaml': chartYamlText(),
      'v.yaml': 'db:\n  password: ${pw}\n  user: app\n',
      't.yaml': 'a: 1\n',
    },
  )
  expect(fileNames(locked)).toEqual(['podinfo.yaml', 'podinfo-values.yaml', 'traefik-config.yaml'])
  expect(fileNames(locked).toSorted()[0]).toBe('podinfo-values.yaml')
  expect(parse(textOf('podinfo.yaml')).spec.valuesContent).toBeUndefined()
  expect(parse(textOf('traefik-config.yaml'))).toEqual({
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'traefik', namespace: 'kube-system' },
    spec: { valuesContent: 'a: 1\n' },
  })
  const [config] = resolveWorkloads(request.entries, locked ?? []).secretManifests
  const composed = await composeSecret(
    config?.parts ?? [],
    async () => new Secret(new TextEncoder().encode('a "b"\n: c')),
  )
  const { spec } = parse(new TextDecoder().decode(composed.reveal()))
  expect(parse(spec.valuesContent)).toEqual({ db: { password: 'a "b"\n: c', user: 'app' } })
})

test('a chart too large for an object is handed out by the servers', async () => {
  const { locked, faults, textOf } = await read('{ charts: [{ name: big, file: ./big.tgz }] }', {
    'big.tgz': await tgz({
      'big/Chart.yaml': 'apiVersion: v2\nname: big\nversion: 1.0.0\n',
      'big/blob': randomBytes(900_000).toString('base64'),
    }),
  })
  expect(faults).toEqual([])
  const [served] = locked?.[0]?.served ?? []
  expect(served?.name).toMatch(/^big-[0-9a-f]{12}\.tgz$/)
  expect(parse(textOf('big.yaml')).spec.chart).toBe(
    `https://%{KUBERNETES_API}%/static/charts/${served?.name}`,
  )
})

test.each<readonly [string, () => Promise<Uint8Array> | Uint8Array, string]>([
  ['no gzip', () => new TextEncoder().encode('hello'), 'L0035'],
  ['cut short', async () => (await tgz({ 'a/Chart.yaml': chartYamlText() })).subarray(0, 60), 'L0035'],
  ['no chart', () => tgz({ 'a/README.md': '' }), 'L0035'],
  ['two folders', () => tgz({ 'a/Chart.yaml': chartYamlText(), 'b/x': '' }), 'L0035'],
  ['a way out', () => tgz({ 'a/Chart.yaml': chartYamlText(), 'a/../../etc/passwd': '' }), 'L0035'],
  ['an absolute path', () => tgz({ 'a/Chart.yaml': chartYamlText(), '/etc/passwd': '' }), 'L0035'],
  [
    'a link',
    () => tgz({ 'a/Chart.yaml': chartYamlText(), 'a/l': { type: 'symlink', linkname: '/etc/passwd' } }),
    'L0035',
  ],
  ['without a version', () => tgz({ 'a/Chart.yaml': 'apiVersion: v2\nname: a\n' }), 'L0035'],
  ['a library', () => tgz({ 'a/Chart.yaml': chartYamlText('type: library\n') }), 'L0035'],
  [
    'without a dependency',
    () =>
      tgz({
        'a/Chart.yaml': chartYamlText(
          'dependencies: [{ name: redis, version: 1.0.0, repository: "https://example.com" }]\n',
        ),
      }),
    'L0036',
  ],
])('a chart that is %s is refused', async (_name, archive, code) => {
  const { places: found } = await read('{ charts: [{ name: a, file: ./a.tgz }] }', {
    'a.tgz': await archive(),
  })
  expect(found).toEqual([code, 'lab.yaml:1:37'])
})

test('a dependency may be a folder or an archive below charts/', async () => {
  const dependencies = 'dependencies: [{ name: redis, version: 1.0.0 }, { name: common, version: 2.x.x }]\n'
  const { faults } = await read('{ charts: [{ name: podinfo, file: ./podinfo }] }', {
    'podinfo/Chart.yaml': chartYamlText(dependencies),
    'podinfo/charts/redis/Chart.yaml': 'apiVersion: v2\nname: redis\nversion: 1.0.0\n',
    'podinfo/charts/common-2.1.0.tgz': 'x',
  })
  expect(faults).toEqual([])
})

test('what changed since the lock is told; what is gone needs no word, since the lock holds it', async () => {
  const { locked, request } = await read(
    '{ manifests: [./m], charts: [{ name: podinfo, file: ./podinfo }] }',
    {
      'm/a.yaml': configMap('a'),
      'podinfo/Chart.yaml': chartYamlText(),
    },
  )
  const user = { files: host.files, folder, tree: request.tree }
  const changed = async () => places(await changedWorkloads(user, request.entries, locked ?? []), folder)
  expect(await changed()).toEqual([])
  await writeFiles(host, folder, { 'm/b.yaml': configMap('b'), 'podinfo/values.yaml': 'a: 1\n' })
  expect(await changed()).toEqual(['L0040', 'lab.yaml:1:23', 'L0040', 'lab.yaml:1:46'])
  await host.files.remove(join(folder, 'podinfo'))
  await host.files.remove(join(folder, 'm/b.yaml'))
  expect(await changed()).toEqual([])
})
