import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { BuildPlan } from '../plan/build-plan.ts'
import { canonicalJson } from '../plan/canonical-json.ts'
import { checkMediums } from '../plan/check-mediums.ts'
import { planBuild } from '../plan/plan.ts'
import { printPlan } from '../plan/print-plan.ts'
import type { Renderer } from '../plan/renderer.ts'
import { mediumBounds } from '../plan/size-bounds.ts'
import { validateProfile } from '../profile/validate.ts'
import type { Recipes } from '../recipes/read-recipes.ts'
import { readRecipes } from '../recipes/read-recipes.ts'
import { readTemplates } from '../render/read-templates.ts'
import { createRenderer } from '../render/renderer.ts'
import { profileInputs } from '../resolve/profile-inputs.ts'
import { resolveProfile } from '../resolve/resolve.ts'
import { pinnedLock } from './testing/pinned-profile.ts'
import { reordered } from './testing/random-profile.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

let host: TestHost
let recipes: Recipes
let renderer: Renderer
let text: string
beforeAll(async () => {
  host = createTestHost()
  const [read] = await readRecipes(host.files, `${root}/images`)
  if (read === undefined) throw new Error('the recipes have faults')
  recipes = read
  renderer = createRenderer(await readTemplates(host.files, `${root}/templates`))
  text = (await host.files.readText(`${root}/profiles/lab.yaml`)) ?? ''
})
afterAll(() => host.close())

/** Profile text to plan, with a lock that pins just what it asks for. */
const planOf = (profile: string): BuildPlan => {
  const [checked, faults] = validateProfile({ path: 'lab.yaml', text: profile }, recipes)
  const inputs = checked === undefined ? undefined : profileInputs(checked, recipes)
  if (checked === undefined || inputs === undefined)
    throw new Error(JSON.stringify(faults.map((f) => f.message)))
  const lock = pinnedLock(inputs)
  const [resolved, resolveFaults] = resolveProfile(checked, lock, { recipes, buildArchitecture: 'amd64' })
  if (resolved === undefined) throw new Error(JSON.stringify(resolveFaults.map((f) => f.message)))
  const [plan, planFaults] = planBuild(resolved, renderer)
  if (plan === undefined) throw new Error(JSON.stringify(planFaults.map((f) => f.message)))
  return plan
}

test('the order of keys in the profile changes nothing in the plan', () => {
  const expected = canonicalJson(planOf(text))
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 40 }), (turns) => {
      let at = 0
      const turn = (): number => turns[at++ % turns.length] ?? 0
      expect(canonicalJson(planOf(stringify(reordered(parse(text), turn))))).toBe(expected)
    }),
    { numRuns: 25 },
  )
})

test('a plan survives JSON, and its shared parts do not depend on what is particular to a node', () => {
  const plan = planOf(text)
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  const other = planOf(text.replace('zone: oven', 'zone: cellar'))
  expect(other.bases).toEqual(plan.bases)
  expect(other.payloads).toEqual(plan.payloads)
  expect(other.boots).toEqual(plan.boots)
  expect(other.nodes[0]).toEqual(plan.nodes[0])
  expect(other.nodes[1]?.seed).not.toEqual(plan.nodes[1]?.seed)
})

test('shared parts hold no reference to the state; an agent gets neither CA keys nor the server token', () => {
  const plan = planOf(text)
  const references = (node: number): readonly string[] =>
    (plan.nodes[node]?.seed.install ?? []).flatMap(({ content }) =>
      content.kind === 'state' ? [content.reference.name] : [],
    )
  expect(JSON.stringify([plan.bases, plan.payloads, plan.boots])).not.toContain('"kind":"state"')
  expect(references(0)).toContain('pki/server-ca.key')
  expect(references(1)).toEqual(['node-password/lab-2', 'token/agent'])
})

test('SHA256SUMS of the payload names every other file of it', () => {
  const [payload] = planOf(text).payloads
  const files = payload?.files ?? []
  const sums = files.find(({ path }) => path === 'SHA256SUMS')?.content
  const named = (sums?.kind === 'text' ? sums.text : '')
    .trim()
    .split('\n')
    .map((line) => line.slice(66))
  expect(named).toEqual(files.map(({ path }) => path).filter((path) => path !== 'SHA256SUMS'))
})

test('content that the declared medium cannot hold is a fault before anything is built', () => {
  expect(() => planOf(text.replace('size: 32GB', 'size: 600MB'))).toThrow('needs at least')
})

test('R0342: a medium that images may fill when k3s unpacks them is told of, and built for', () => {
  const plan = planOf(text)
  const [base, payload, node] = [plan.bases[0], plan.payloads[0], plan.nodes[0]]
  if (base === undefined || payload === undefined || node === undefined) throw new Error('no node')
  const { lower, upper } = mediumBounds(node, base, payload)
  const codesFor = (mediumBytes: number): readonly string[] =>
    checkMediums({ ...plan, nodes: [{ ...node, mediumBytes }] }).map(
      ({ code, severity }) => `${severity} ${code}`,
    )
  expect(codesFor(lower - 1)).toEqual(['error R0502'])
  expect(codesFor(lower)).toEqual(['warning R0342'])
  expect(codesFor(upper - 1)).toEqual(['warning R0342'])
  expect(codesFor(upper)).toEqual([])
})

test('the text form names partitions, files and secret references', () => {
  const printed = printPlan(planOf(text))
  for (const part of [
    'root-a',
    'k3s-arm64',
    'cluster state token/agent (secret)',
    'declared',
    'lab-2  agent',
  ])
    expect(printed).toContain(part)
})
