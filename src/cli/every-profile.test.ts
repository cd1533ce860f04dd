import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse, parseAllDocuments, stringify } from 'yaml'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { BuildPlan } from '../plan/build-plan.ts'
import { canonicalJson } from '../plan/canonical-json.ts'
import type { PlannedText } from './testing/planned-texts.ts'
import { baseTexts, nodeTexts } from './testing/planned-texts.ts'
import type { Planner } from './testing/planner.ts'
import { createPlanner } from './testing/planner.ts'
import type { RandomProfile } from './testing/random-profile.ts'
import { randomProfile, reordered } from './testing/random-profile.ts'

// Some hundred plans: a busy machine needs minutes for what an idle one does in seconds.
vi.setConfig({ testTimeout: 300_000 })

let host: TestHost
let planner: Planner
let profiles: fc.Arbitrary<RandomProfile>
beforeAll(async () => {
  host = createTestHost()
  planner = await createPlanner(host)
  profiles = randomProfile(Object.keys(planner.recipes.boards))
})
afterAll(() => host.close())

const text = (profile: RandomProfile): string => stringify(profile, { aliasDuplicateObjects: false })

/** Every random profile is meant to be valid: what validation says is a fault of it or of the generator. */
const planOf = (profile: RandomProfile): BuildPlan => {
  const faults = planner.validate(text(profile)).filter(({ severity }) => severity === 'error')
  expect(faults.map(({ code, message }) => `${code}: ${message}`)).toEqual([])
  const plan = planner.plan(text(profile))
  if (plan === undefined) throw new Error('no plan of a valid profile')
  return plan
}

const objectsOf = ({ path, text: content }: PlannedText): readonly Record<string, unknown>[] =>
  parseAllDocuments(content).map((document) => {
    if ('errors' in document && document.errors.length > 0) throw new Error(`${path}: ${document.errors[0]}`)
    return document.toJS() as Record<string, unknown>
  })

type Paths = readonly { readonly path: string }[]
type Names = readonly { readonly name: string }[]
interface IgnitionConfig {
  readonly ignition: unknown
  readonly passwd?: { readonly users?: Names }
  readonly storage?: { readonly directories?: Paths; readonly files?: Paths; readonly links?: Paths }
  readonly systemd?: { readonly units?: Names }
}

/** What Ignition 3.3 refuses of its config: it applies none that names a path, a unit or a user twice (config/v3_3, validation). */
const namedTwice = (text: string): readonly string[] => {
  const { ignition, passwd, storage, systemd } = JSON.parse(text) as IgnitionConfig
  expect(ignition).toEqual({ version: '3.3.0' })
  const paths = [storage?.directories, storage?.files, storage?.links].flatMap((list) =>
    (list ?? []).map(({ path }) => path),
  )
  const names = [systemd?.units, passwd?.users].map((list) => (list ?? []).map(({ name }) => name))
  return [paths, ...names].flatMap((list) => list.filter((each, index) => list.indexOf(each) !== index))
}

const isManifest = ({ path }: PlannedText): boolean => path.includes('/server/manifests/')

test('what validates is planned, and what is planned parses', () => {
  fc.assert(
    fc.property(profiles, (profile) => {
      const plan = planOf(profile)
      expect(plan.nodes).toHaveLength((profile['nodes'] as readonly unknown[]).length)
      for (const node of plan.nodes) {
        const files = nodeTexts(node)
        expect(new Set(files.map(({ path }) => path)).size).toBe(files.length)
        const frontEnd = profile['provision'] === 'ignition' ? 'config.ign' : 'user-data'
        expect(files.map(({ path }) => path)).toContain(frontEnd)
        for (const file of files) {
          if (file.path === 'config.ign') expect(namedTwice(file.text)).toEqual([])
          if (/\.ya?ml$/.test(file.path) || ['user-data', 'meta-data'].includes(file.path)) {
            const objects = objectsOf(file)
            expect(objects.every((object) => typeof object === 'object' && object !== null)).toBe(true)
            if (isManifest(file))
              for (const object of objects)
                expect(object).toMatchObject({
                  apiVersion: expect.any(String),
                  kind: expect.any(String),
                  metadata: { name: expect.any(String) },
                })
          }
        }
        const config = files.find(({ path }) => path.endsWith('/k3s-config.yaml'))
        expect(parse(config?.text ?? '')).toMatchObject({ 'node-name': node.name })
      }
    }),
    { numRuns: 50 },
  )
})

test('no flag of a component is given twice', () => {
  fc.assert(
    fc.property(profiles, (profile) => {
      for (const { k3sConfig } of planOf(profile).nodes) {
        for (const [key, value] of Object.entries(k3sConfig)) {
          if (!key.endsWith('-arg')) continue
          const names = (value as readonly string[]).map((arg) => arg.split('=')[0])
          expect(new Set(names).size).toBe(names.length)
        }
      }
    }),
    { numRuns: 20 },
  )
})

test('the order of keys changes nothing', () => {
  fc.assert(
    fc.property(profiles, fc.array(fc.nat(100), { minLength: 1, maxLength: 40 }), (profile, turns) => {
      let at = 0
      const turn = (): number => turns[at++ % turns.length] ?? 0
      const shuffled = planOf(reordered(profile, turn) as RandomProfile)
      // Not `toBe`: two plans are too long to be shown.
      expect(canonicalJson(shuffled) === canonicalJson(planOf(profile))).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('a base is the same whatever else a profile says', () => {
  const ids = new Map<string, string>()
  fc.assert(
    fc.property(profiles, (profile) => {
      const plan = planOf(profile)
      const packages = JSON.stringify((profile['base'] as { packages?: unknown } | undefined)?.packages ?? [])
      const frontEnd = profile['provision'] ?? 'cloud-init'
      for (const { architecture, id, kernel } of plan.bases) {
        const known = `${architecture} ${kernel.source} ${kernel.pages} ${frontEnd} ${packages}`
        expect(ids.get(known) ?? id).toBe(id)
        ids.set(known, id)
      }
      expect(baseTexts(plan).length).toBeGreaterThan(0)
    }),
    { numRuns: 10 },
  )
})
