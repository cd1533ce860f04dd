import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadPlan } from '../../src/cli/load-plan.ts'
import { lockedProfile } from '../../src/cli/testing/locked-profile.ts'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { createArtifactStore } from '../../src/materialise/artifact-store.ts'
import type { BaseOptions } from '../../src/materialise/base.ts'
import { buildBase } from '../../src/materialise/base.ts'
import { createBuiltStore } from '../../src/materialise/built-store.ts'
import { cacheDirectory } from '../../src/materialise/cache-paths.ts'
import type { BasePlan } from '../../src/plan/build-plan.ts'
import { slow } from '../support/slow-test.ts'
import { filesBeside } from '../support/workspace.ts'

const images = fileURLToPath(new URL('../../images', import.meta.url))
const cases = fileURLToPath(new URL('../profiles', import.meta.url))

let host: NodeHost
let folder: string

beforeAll(async () => {
  host = createNodeHost()
  folder = await mkdtemp(join(tmpdir(), 'appliance-base-'))
})
afterAll(async () => {
  await host.close()
  await rm(folder, { recursive: true, force: true })
})

const planOf = async (name: string): Promise<BasePlan> => {
  await filesBeside[name]?.(folder)
  const profile = await lockedProfile(folder, await readFile(join(cases, `${name}.yaml`), 'utf8'))
  const [loaded, faults] = await loadPlan(host, profile)
  const base = loaded?.plan.bases[0]
  if (base === undefined) throw new Error(JSON.stringify(faults.map(({ message }) => message)))
  return base
}

/** Hashes of a base that is made anew in a cache of its own; only the inputs are shared. */
const buildAnew = async (
  plan: BasePlan,
  cache: string,
  options: BaseOptions = {},
): Promise<Readonly<Record<string, string>>> => {
  const artifacts = createArtifactStore(host, cacheDirectory(host.environment))
  const built = createBuiltStore(host, join(folder, cache))
  const made = await buildBase(plan, host, { artifacts, built, cache: join(folder, cache), images }, options)
  const { files } = await built.manifest(made)
  return Object.fromEntries(Object.entries(files).map(([name, { sha256 }]) => [name, sha256]))
}

test('amd64: a base made twice is the same, byte for byte', async () => {
  const plan = await planOf('amd64-server')
  expect(await buildAnew(plan, 'second')).toEqual(await buildAnew(plan, 'first'))
})

// Full emulation takes a quarter of an hour.
slow(
  'arm64: a base made twice is the same, and native helpers change no byte of what full emulation makes',
  async () => {
    const plan = await planOf('arm64-server')
    const helped = await buildAnew(plan, 'helped')
    expect(await buildAnew(plan, 'again')).toEqual(helped)
    expect(await buildAnew(plan, 'emulated', { helpers: false })).toEqual(helped)
  },
)
