import { expect, test } from 'vitest'
import { parseYaml } from '../../diagnostics/yaml/parse-yaml.ts'
import type { AskedImage } from '../workloads/asked-image.ts'
import { checkImages } from './check-images.ts'
import type { ImageNeeds } from './needed-images.ts'
import { matchesPattern, neededImages } from './needed-images.ts'

const [tree] = parseYaml({
  path: 'lab.yaml',
  text: 'images:\n  manifests: [./m]\n  pulled: ["ghcr.io/acme/*"]\n',
})
const at = ['images', 'manifests', 0]
const digest = `sha256:${'ab'.repeat(32)}`
const nginx = 'docker.io/library/nginx:1.29'

const asked = (image: string, more: Partial<AskedImage> = {}) => ({
  image,
  certainty: 'certain' as const,
  pull: 'other' as const,
  by: './m/a.yaml:3:5',
  at,
  ...more,
})

const needs = (changes: Partial<ImageNeeds> = {}): ImageNeeds => ({
  architectures: ['amd64', 'arm64'],
  boarded: [
    ...(['amd64', 'arm64'] as const).map((architecture) => ({
      name: nginx,
      otherNames: ['registry.example.com:5000/edge/library/nginx:1.29'],
      architecture,
      from: 'extra' as const,
      digests: [digest],
      sizeBytes: 5,
    })),
    {
      name: 'quay.io/a/one:1',
      otherNames: [],
      architecture: 'arm64',
      from: 'extra',
      digests: [],
      sizeBytes: 7,
    },
    ...['klipper-lb:v0.4', 'klipper-helm:v0.9', 'mirrored-pause:3.6', 'mirrored-library-traefik:3.3'].flatMap(
      (part) =>
        (['amd64', 'arm64'] as const).map((architecture) => ({
          name: `docker.io/rancher/${part}`,
          otherNames: [`registry.example.com:5000/edge/rancher/${part}`],
          architecture,
          from: 'k3s' as const,
          digests: [],
          sizeBytes: null,
        })),
    ),
  ],
  asked: [],
  pulled: [],
  k3s: { disable: [], hasCharts: false, helmController: true },
  ...changes,
})

const check = (changes: Partial<ImageNeeds>, notRendered: Parameters<typeof checkImages>[2] = []) => {
  if (tree === undefined) throw new Error('the text of the test cannot be read')
  return checkImages(tree, needs(changes), notRendered)
}

test.each<readonly [string, Partial<ImageNeeds>, readonly string[]]>([
  [
    'on board',
    { asked: [asked(nginx), asked(`${nginx}@${digest}`), asked(`docker.io/library/nginx@${digest}`)] },
    [],
  ],
  [
    'on board by the name of another registry',
    {
      asked: [
        asked('registry.example.com:5000/edge/library/nginx:1.29'),
        asked(`registry.example.com:5000/edge/library/nginx@${digest}`),
        asked('registry.example.com:5000/edge/rancher/mirrored-pause:3.6'),
      ],
    },
    [],
  ],
  [
    'of the other registry, and not on board',
    { asked: [asked('registry.example.com:5000/edge/x:1')] },
    ['R1605'],
  ],
  ['not on board', { asked: [asked('docker.io/library/nginx:1.30')] }, ['R1605']],
  ['on board with another digest', { asked: [asked(`${nginx}@sha256:${'cd'.repeat(32)}`)] }, ['R1605']],
  [
    'fetched by nodes',
    { asked: [asked('ghcr.io/acme/x:1', { pull: 'always' })], pulled: ['ghcr.io/acme/*'] },
    [],
  ],
  ['perhaps an image', { asked: [asked('quay.io/a/b:1', { certainty: 'probable' })] }, ['R1606']],
  ['on board of some nodes', { asked: [asked('quay.io/a/one:1')] }, ['R1607']],
  [
    'always pulled',
    { asked: [asked(nginx, { pull: 'always' }), asked(nginx, { pull: 'latest', by: 'b' })] },
    ['R1608'],
  ],
  ['a pattern for nothing', { pulled: ['ghcr.io/acme/*'] }, ['R1610']],
  ['everything is fetched', { asked: [asked('x.io/y:1')], pulled: ['*'] }, []],
])('%s', (_name, changes, expected) => {
  expect(check(changes).map(({ code }) => code)).toEqual(expected)
})

test('what is missing is told with the line that asks for it and with what is on board', () => {
  const [fault] = check({
    asked: [
      asked('docker.io/library/nginx:1.30'),
      asked('docker.io/library/nginx:1.30', { by: './m/b.yaml:1:1' }),
    ],
  })
  expect(fault).toMatchObject({
    severity: 'error',
    message: '`docker.io/library/nginx:1.30` is not on board; ./m/a.yaml:3:5 and 1 more asks for it',
    help: `on board is ${nginx}; add it to \`images.extra\`, or name it under \`images.pulled\` where nodes reach a registry`,
    range: { start: tree?.locate(at).start },
  })
})

test('a chart that was not rendered is a warning, unless nodes fetch everything', () => {
  const notRendered = [{ what: 'chart podinfo', why: 'helm is not installed', at }]
  const [fault, ...others] = check({}, notRendered)
  expect(others).toEqual([])
  expect(fault).toMatchObject({ code: 'R1609', severity: 'warning' })
  expect(check({ pulled: ['*'] }, notRendered)).toEqual([])
})

test('each image has who asks for it; what k3s needs follows from its components', () => {
  const list = (changes: Partial<ImageNeeds>) =>
    neededImages(needs(changes)).map(({ image, from, askedBy }) => `${image} ${from}: ${askedBy.join('; ')}`)
  expect(list({ asked: [asked(nginx), asked('x.io/y:1')], pulled: ['x.io/*'] })).toEqual([
    'docker.io/library/nginx:1.29 extra: ./m/a.yaml:3:5',
    'docker.io/rancher/klipper-helm:v0.9 k3s: k3s, traefik',
    'docker.io/rancher/klipper-lb:v0.4 k3s: k3s, servicelb',
    'docker.io/rancher/mirrored-library-traefik:3.3 k3s: k3s, traefik',
    'docker.io/rancher/mirrored-pause:3.6 k3s: k3s',
    'quay.io/a/one:1 extra: ',
    'x.io/y:1 registry: ./m/a.yaml:3:5',
  ])
  const off = { disable: ['traefik', 'servicelb'], hasCharts: true, helmController: true }
  expect(list({ k3s: off }).filter((line) => line.includes('rancher'))).toEqual([
    'docker.io/rancher/klipper-helm:v0.9 k3s: charts',
    'docker.io/rancher/klipper-lb:v0.4 k3s: ',
    'docker.io/rancher/mirrored-library-traefik:3.3 k3s: ',
    'docker.io/rancher/mirrored-pause:3.6 k3s: k3s',
  ])
})

test.each([
  ['nginx:*', true],
  ['library/nginx:1.29', true],
  ['docker.io/*', true],
  ['*', true],
  ['nginx', false],
  ['docker.io/library/nginx:1.2', false],
])('the pattern %s', (pattern, expected) => {
  expect(matchesPattern(pattern, nginx)).toBe(expected)
})
