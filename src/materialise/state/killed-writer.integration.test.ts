import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import type { StateProtection } from '../../plan/build-plan.ts'
import { Secret } from '../secrets.ts'
import type { StateDocument } from './state-file.ts'
import { createStateStore } from './state-store.ts'
import { versions } from './testing/paper-state.ts'

let host: TestHost
let root: string
let writer: string
beforeAll(async () => {
  host = createTestHost()
  root = await host.files.makeTemporaryDirectory('killed-')
  // One plain file, so that a writer starts in milliseconds.
  writer = join(root, 'writer.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./testing/write-forever.ts', import.meta.url))],
    outfile: writer,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
    logLevel: 'error',
  })
})
afterAll(() => host.close())

/** Starts a writer and kills it at a random moment of its first writing, or of those after it. */
const killOne = async (
  directory: string,
  protection: StateProtection,
  identity: string,
  moment: 'first' | 'later',
): Promise<void> => {
  const child = spawn(process.execPath, [writer, directory, JSON.stringify(protection)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, IDENTITY: identity },
  })
  const ended = once(child, 'exit')
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  const lines = async (count: number): Promise<void> => {
    while (said.split('\n').length <= count) await once(child.stdout, 'data')
  }
  await lines(1)
  const started = performance.now()
  if (moment === 'later') await lines(2)
  firstMs = moment === 'later' ? performance.now() - started : firstMs
  await new Promise((resolve) =>
    setTimeout(resolve, Math.random() * (moment === 'later' ? 40 : firstMs * 1.2)),
  )
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
}
/** How long a first writing lasts on this machine. */
let firstMs = 50

const killOften = async (
  name: string,
  protection: StateProtection,
  identity: string,
  times: number,
): Promise<{ readonly found: readonly StateDocument[]; readonly cut: number }> => {
  const found: StateDocument[] = []
  let cut = 0
  for (let time = 0; time < times; time += 1) {
    // Every tenth writer makes a state where there was none.
    const isFirst = time % 10 === 9
    const directory = join(root, isFirst ? `${name}-${time}` : name, '.appliance', 'lab')
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await killOne(directory, protection, identity, isFirst ? 'first' : 'later')
    const plan = { cluster: 'lab', stateProtection: protection }
    const state = await createStateStore(host, directory, plan, {
      readSecret: async () => new Secret(identity),
      profileDirectory: root,
      ask: null,
    }).read()
    if (state !== undefined) found.push(state.document)
    else expect(isFirst, `lost by kill ${time}`).toBe(true)
    const names = await readdir(directory)
    if (names.some((each) => each.endsWith('.tmp'))) cut += 1
    expect(names.filter((each) => !each.endsWith('.tmp')).length).toBeLessThanOrEqual(1)
  }
  return { found, cut }
}

test('killed 200 times while it is written, the state is one of the two versions: never lost, never half', async () => {
  const identity = await generateX25519Identity()
  const recipients: StateProtection = {
    kind: 'recipients',
    recipients: [await identityToRecipient(identity)],
    identity: { at: 'cluster.state.identity', source: { env: 'UNUSED' } },
  }
  const runs = await Promise.all([
    killOften('plain', { kind: 'plain' }, '', 100),
    killOften('recipients', recipients, identity, 100),
  ])
  for (const { found, cut } of runs) {
    expect(found.length).toBeGreaterThanOrEqual(90)
    for (const document of found) expect(versions).toContainEqual(document)
    // Both were there, and writers were killed in the midst of it: the test has tested something.
    expect(new Set(found.map(({ created }) => created)).size).toBe(2)
    expect(cut).toBeGreaterThan(0)
  }
  expect(await readFile(join(root, 'recipients/.appliance/lab/state.age'), 'utf8')).toMatch(/^-----BEGIN AGE/)
})
