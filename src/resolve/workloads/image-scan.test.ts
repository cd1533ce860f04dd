import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { lineColumnOf } from '../../diagnostics/source-file.ts'
import { printAskedImage, readAskedImage } from './asked-image.ts'
import { scanChart } from './chart-scan.ts'
import { scanImages } from './image-scan.ts'
import { parseUserYaml } from './user-yaml.ts'

const scan = (text: string) => {
  const file = { path: 'a.yaml', text }
  return parseUserYaml(file)[0].flatMap((document) =>
    scanImages(document).map(({ image, certainty, pull, offset }) => {
      const { line, column } = lineColumnOf(file, offset)
      return `${image} ${certainty} ${pull} ${line}:${column}`
    }),
  )
}

const digest = `sha256:${'ab'.repeat(32)}`

test.each<readonly [string, string, readonly string[]]>([
  [
    'a key at any depth, of any kind',
    'kind: Odd\nspec: { a: [{ deep: { image: "nginx:1.29" } }] }',
    ['docker.io/library/nginx:1.29 certain other 2:30'],
  ],
  ['a name without a tag', 'image: nginx', ['docker.io/library/nginx:latest certain latest 1:8']],
  [
    'a policy beside it',
    'image: nginx\nimagePullPolicy: IfNotPresent',
    ['docker.io/library/nginx:latest certain other 1:8'],
  ],
  ['always', 'image: quay.io/a/b:1\nimagePullPolicy: Always', ['quay.io/a/b:1 certain always 1:8']],
  [
    'a digest is never latest',
    `image: nginx@${digest}`,
    [`docker.io/library/nginx@${digest} certain other 1:8`],
  ],
  [
    'an argument',
    'args: ["--reloader=quay.io/p/reloader:v0.1", --x=1]',
    ['quay.io/p/reloader:v0.1 probable other 1:8'],
  ],
  [
    'a variable of the environment',
    'env: [{ name: A, value: "ghcr.io/a/b:v1" }]',
    ['ghcr.io/a/b:v1 probable other 1:25'],
  ],
  [
    'within a longer text',
    'data:\n  a: |\n    x: 1\n    run: docker pull registry.example.com:5000/a/b:v1 now\n',
    ['registry.example.com:5000/a/b:v1 probable other 2:6'],
  ],
  [
    'a map of parts',
    'image: { registry: quay.io, repository: a/b, tag: 1.2, pullPolicy: Always }',
    ['quay.io/a/b:1.2 certain always 1:8'],
  ],
  [
    'an alias at its anchor',
    'a: { image: &i nginx:1 }\nb: { image: *i }',
    ['docker.io/library/nginx:1 certain other 1:16'],
  ],
  [
    'an image volume',
    'volumes: [{ name: v, image: { reference: "quay.io/a/b:1" } }]',
    ['quay.io/a/b:1 certain other 1:29', 'quay.io/a/b:1 probable other 1:42'],
  ],
  [
    'not addresses, versions, paths or hosts',
    'a: https://example.com/x:80\nb: apps.example.com/v1\nc: /var/lib/x:ro\nd: db.example.com:5432\ne: user@example.com/x\nf: 10.0.0.1/24',
    [],
  ],
  ['not definitions of resources', 'kind: CustomResourceDefinition\nspec: { image: nginx:1 }', []],
  ['not what is no name', 'image: "{{ .Values.image }}"\nother: { image: 5 }', []],
])('%s', (_name, text, expected) => {
  expect(scan(text)).toEqual(expected)
})

const names = fc.constantFrom('nginx:1.29', 'quay.io/a/b:v1', 'ghcr.io/x/y', 'registry.example.com:5000/a:b')
const keys = fc.constantFrom('spec', 'template', 'containers', 'a', 'metadata', 'x-y')

test('every image of a document is found, wherever it stands', () => {
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.record({ image: names }),
      fc.dictionary(keys, tie('node'), { minKeys: 1, maxKeys: 3 }),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
      fc.string(),
      fc.integer(),
    ),
  })).node
  const count = (value: unknown): number => {
    if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + count(item), 0)
    if (typeof value !== 'object' || value === null) return 0
    return Object.entries(value).reduce((sum, [key, item]) => sum + (key === 'image' ? 1 : count(item)), 0)
  }
  fc.assert(
    fc.property(tree, fc.boolean(), (value, flow) => {
      const text = stringify({ kind: 'Odd', value }, flow ? { collectionStyle: 'flow' } : {})
      expect(scan(text).filter((line) => line.includes(' certain '))).toHaveLength(count(value))
    }),
  )
})

test('any text is scanned without an exception', () => {
  const sign = fc.constantFrom(...'-:?[]{},&*!|>\'"%@`#\n\t a1\\~<=./$'.split(''))
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.array(sign, { maxLength: 80 }).map((signs) => signs.join('')),
  )
  fc.assert(
    fc.property(text, (value) => {
      scan(value)
      scan(`image: ${value}`)
    }),
    { numRuns: 500 },
  )
})

test('a line of the lock is read back as it was', () => {
  const asked = {
    image: 'quay.io/a/b:1',
    certainty: 'probable',
    pull: 'always',
    by: './my files/a b.yaml:1:2',
  } as const
  expect(readAskedImage(printAskedImage(asked))).toEqual(asked)
  expect(readAskedImage('quay.io/a/b:1 sure always x')).toBeUndefined()
})

test('a chart that is not rendered tells what its values and templates show', () => {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
  const files = new Map([
    ['Chart.yaml', encode('apiVersion: v2\nname: app\nversion: 1.0.0\nappVersion: 2.0.0\n')],
    [
      'values.yaml',
      encode('image: { registry: quay.io, repository: a/app, tag: "" }\nsidecar: { image: busybox:1.36 }\n'),
    ],
    [
      'templates/job.yaml',
      encode('containers:\n  - image: nginx:1.29 # fixed\n  - image: "{{ .Values.x }}"\n'),
    ],
    ['charts/redis/Chart.yaml', encode('apiVersion: v2\nname: redis\nversion: 1.0.0\nappVersion: 7.2.0\n')],
    ['charts/redis/values.yaml', encode('image: { repository: redis }\n')],
  ])
  const images = scanChart('app', files, { sidecar: { image: 'busybox:1.37' }, extra: [{ image: 'alpine' }] })
  expect(images.map(({ image, by }) => `${image} <- ${by}`)).toEqual([
    'docker.io/library/redis:7.2.0 <- chart app, charts/redis/values.yaml',
    'docker.io/library/nginx:1.29 <- chart app, templates/job.yaml',
    'quay.io/a/app:2.0.0 <- chart app, values.yaml',
    'docker.io/library/busybox:1.37 <- chart app, values.yaml',
    'docker.io/library/alpine:latest <- chart app, values.yaml',
  ])
  expect(images.every(({ certainty }) => certainty === 'probable')).toBe(true)
})
