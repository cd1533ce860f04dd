import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import type { SourceFile } from '../diagnostics/source-file.ts'
import { decodeText } from '../diagnostics/yaml/decode-text.ts'
import { createNodeHost } from '../host/node-host.ts'
import { validateProfile } from '../profile/validate.ts'
import type { Recipes } from '../recipes/read-recipes.ts'
import { readRecipes } from '../recipes/read-recipes.ts'
import { sampleK3sTables } from '../recipes/testing.ts'
import { readFragment } from '../resolve/user-data/fragment.ts'
import { readIgnitionFragment } from '../resolve/user-data/ignition-fragment.ts'
import { renderDiagnostic } from './render-diagnostic.ts'
import { resourcePath } from './resources.ts'

const host = createNodeHost({ offline: true })
afterAll(() => host.close())

let recipes: Recipes = { boards: {}, bases: {}, k3s: sampleK3sTables }
beforeAll(async () => {
  const [read, faults] = await readRecipes(host.files, resourcePath('images'))
  expect(faults).toEqual([])
  recipes = read ?? recipes
})

const read = (name: string): SourceFile => ({ path: name, text: readFileSync(resourcePath(name), 'utf8') })
const examples = readdirSync(resourcePath('profiles')).filter(
  (name) => name.endsWith('.yaml') && !name.endsWith('.lock.yaml'),
)

test.each([
  ...examples.map((name) => `profiles/${name}`),
  ...['cis', 'external-datastore', 'ha-etcd', 'workloads'].map(
    (name) => `docs/examples/profiles/${name}.yaml`,
  ),
  'src/profile/testdata/profile-example.yaml',
])('%s has no fault', (name) => {
  expect(validateProfile(read(name), recipes)[1]).toEqual([])
})

/** What a part of a profile in the documentation leaves out. */
const minimal = {
  apiVersion: 'appliance/v1alpha1',
  cluster: { name: 'bakery', k3s: { version: 'v1.33.1+k3s1' } },
  nodes: [{ name: 'bakery-1', role: 'server', board: 'arm64-uefi' }],
  access: {
    users: [
      {
        name: 'ops',
        sshKeys: [
          'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com',
        ],
      },
    ],
  },
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const merged = (base: unknown, over: unknown): unknown =>
  isMap(base) && isMap(over)
    ? Object.fromEntries(
        [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [
          key,
          key in over ? merged(base[key], over[key]) : base[key],
        ]),
      )
    : over

const documents = [
  ...readdirSync(resourcePath('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'README.md',
]
const blocks = documents.flatMap((name) =>
  [...read(name).text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ''], index) => ({
    name: `${name}, block ${index + 1}`,
    text,
  })),
)

test('the documentation has examples', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(8)
})

test.each(blocks)(
  '$name has no fault: whole, as a part of a profile, a manifest or user data',
  ({ name, text }) => {
    const written: unknown = parseAllDocuments(text)[0]?.toJS()
    const isProfile = isMap(written) && String(written['apiVersion']).startsWith('appliance/')
    // User data and a manifest of Kubernetes say so themselves; everything else is a part of a profile.
    if (text.startsWith('#cloud-config\n')) {
      expect(readFragment(name, { path: name, text })[1]).toEqual([])
      return
    }
    if (isMap(written) && 'variant' in written) {
      expect(readIgnitionFragment(name, { path: name, text })[1]).toEqual([])
      return
    }
    if (isMap(written) && !isProfile && 'apiVersion' in written) {
      expect(written).toMatchObject({ kind: expect.any(String), metadata: { name: expect.any(String) } })
      return
    }
    const whole = isProfile ? text : stringify(merged(minimal, written))
    expect(validateProfile({ path: name, text: whole }, recipes)[1]).toEqual([])
  },
)

/** Every fault can be shown: its ranges lie in its file, and rendering it does not fail. */
const expectShowable = (file: SourceFile): void => {
  const [, faults] = validateProfile(file, recipes)
  let last = -1
  for (const fault of faults) {
    const ranges = [fault.range, fault.secret, ...(fault.related ?? []).map(({ range }) => range)]
    for (const range of ranges) {
      if (range === undefined) continue
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.start).toBeLessThanOrEqual(range.end)
      expect(range.end).toBeLessThanOrEqual(file.text.length)
    }
    expect(fault.range?.start ?? 0).toBeGreaterThanOrEqual(last)
    last = fault.range?.start ?? last
    expect(renderDiagnostic(fault)).toContain(fault.code)
  }
}

test('any bytes give faults or a profile, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const [file, faults] = decodeText('x.yaml', bytes)
      if (file === undefined) expect(faults[0]?.code).toBe('P0004')
      else expectShowable(file)
    }),
  )
})

test('any text of the signs of YAML gives faults or a profile', () => {
  const sign = fc.constantFrom(...'-:?[]{},&*!|>\'"%@`#\n\t a1\\~<=.'.split(''))
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 60 }), (signs) =>
      expectShowable({ path: 'x.yaml', text: signs.join('') }),
    ),
  )
})

test('a profile with lines left out, doubled or swapped gives faults or a profile', () => {
  const lines = read('profiles/lab.yaml').text.split('\n')
  const index = fc.nat(lines.length - 1)
  fc.assert(
    fc.property(fc.array(fc.tuple(index, index), { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = [...lines]
      for (const [from, to] of changes) changed[to] = `${lines[from]}`
      expectShowable({ path: 'x.yaml', text: changed.join('\n') })
    }),
  )
})

test('any value in the place of any other gives faults or a profile', () => {
  const parts = read('src/profile/testdata/profile-example.yaml').text.split(/(?<=: )/)
  const value = fc.constantFrom(
    '',
    'null\n',
    '1\n',
    '[]\n',
    '{}\n',
    'true\n',
    '"x"\n',
    '[a, [b]]\n',
    '{ a: { b: c } }\n',
  )
  fc.assert(
    fc.property(fc.nat(parts.length - 1), value, (at, text) => {
      const changed = parts.map((part, index) => (index === at ? part.replace(/^[^\n]*\n/, text) : part))
      expectShowable({ path: 'x.yaml', text: changed.join('') })
    }),
    { numRuns: 300 },
  )
})
