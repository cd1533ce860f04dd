import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlannedText } from '../../src/cli/testing/planned-texts.ts'
import { baseTexts, nodeTexts } from '../../src/cli/testing/planned-texts.ts'
import { createPlanner } from '../../src/cli/testing/planner.ts'
import { randomProfile } from '../../src/cli/testing/random-profile.ts'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { createArtifactStore } from '../../src/materialise/artifact-store.ts'
import { buildBase } from '../../src/materialise/base.ts'
import { createBuiltStore } from '../../src/materialise/built-store.ts'
import { cacheDirectory } from '../../src/materialise/cache-paths.ts'
import { toYaml } from '../../src/plan/to-yaml.ts'
import { planOf } from '../support/proof.ts'
import { buildWorkspace } from '../support/workspace.ts'

/** The programs of the node itself: what they do not understand, a node would not either. No machine is booted. */
let host: NodeHost
let root: string
let files: readonly PlannedText[]
let units: readonly string[]

/** A base of this machine's own architecture: its programs run here. */
const workspaceName = process.arch === 'arm64' ? 'arm64-server' : 'amd64-server'
const profileCount = 40

const unpackBase = async (): Promise<void> => {
  const workspace = await buildWorkspace(workspaceName)
  const [plan] = (await planOf(host, workspace)).plan.bases
  if (plan === undefined) throw new Error('the plan has no base')
  const cache = cacheDirectory(host.environment)
  const artifacts = createArtifactStore(host, cache)
  const built = createBuiltStore(host, cache)
  const made = await buildBase(plan, host, { artifacts, built, cache, images: 'images' })
  await host.exec(['unsquashfs', '-q', '-n', '-f', '-d', root, join(made, 'root.squashfs')], {
    doing: 'unpack the base',
  })
}

/** Runs a shell in the base, in name spaces of its own; what it printed. */
const inBase = async (script: string): Promise<string> => {
  const own = process.getuid?.() === 0 ? [] : ['--map-root-user']
  const outer = 'mount --rbind /dev "$1/dev" && exec chroot "$1" /bin/sh -c "$2" 2>&1'
  const inner = `mount -t proc proc /proc; ${script}`
  const { stdout } = await host.exec(
    ['unshare', ...own, '--mount', '--net', '--pid', '--fork', 'sh', '-c', outer, 'sh', root, inner],
    { doing: 'run programs of the base' },
  )
  return stdout
}

const put = async (path: string, text: string, mode = 0o644): Promise<void> => {
  const target = join(root, path)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, text)
  await chmod(target, mode)
}

/** The distinct files whose path fits, laid out as `<folder>/<number><ending>`. */
const layOut = async (matches: RegExp, folder: string, ending: string): Promise<number> => {
  const distinct = [...new Set(files.filter(({ path }) => matches.test(path)).map(({ text }) => text))]
  for (const [index, text] of distinct.entries()) await put(join(folder, `${index}${ending}`), text)
  return distinct.length
}

beforeAll(async () => {
  host = createNodeHost()
  await mkdir('out/boot-tests', { recursive: true })
  root = await mkdtemp('out/boot-tests/consumers-')
  await unpackBase()
  const planner = await createPlanner(host)
  const profiles = fc.sample(randomProfile(Object.keys(planner.recipes.boards)), {
    numRuns: profileCount,
    seed: 20_261_126,
  })
  const plans = profiles.flatMap((profile) => planner.plan(toYaml(profile)) ?? [])
  expect(plans).toHaveLength(profileCount)
  files = plans.flatMap((plan) => plan.nodes.flatMap(nodeTexts))
  units = plans
    .slice(0, 1)
    .flatMap(baseTexts)
    .flatMap(
      ({ path }) => /\/systemd\/system\/([^/@]+\.(?:service|timer|mount|socket))$/.exec(path)?.[1] ?? [],
    )
})

afterAll(async () => {
  await host.close()
  await rm(root, { recursive: true, force: true })
})

test('systemd: every unit of ours', async () => {
  const wanted = [...new Set(units)]
  expect(wanted).toContain('k3s.service')
  expect(await inBase(`systemd-analyze verify --man=no ${wanted.join(' ')}`)).toBe('')
})

test('cloud-init: every user-data', async () => {
  const count = await layOut(/^user-data$/, 'check/user-data', '.yaml')
  expect(count).toBeGreaterThan(2)
  const said = await inBase(
    'for file in /check/user-data/*; do cloud-init schema -c "$file" || echo "refused $file"; done',
  )
  expect(said).not.toContain('refused')
  expect(said.match(/Valid schema/g)).toHaveLength(count)
})

test('systemd-networkd: every network, and it knows what it does not know', async () => {
  expect(await layOut(/\.network$/, 'etc/systemd/network', '.network')).toBeGreaterThan(2)
  await put('etc/systemd/network/wrong.network', '[Match]\nName=eth9\n[Network]\nAdress=10.0.0.1/8\n')
  const said = await inBase(
    'SYSTEMD_LOG_TARGET=console timeout 5 /usr/lib/systemd/systemd-networkd || [ $? = 124 ]',
  )
  const complaints = said.split('\n').filter((line) => line.includes('/etc/systemd/network/'))
  expect(complaints.filter((line) => !line.includes('wrong.network'))).toEqual([])
  expect(complaints).toHaveLength(1)
})

test('nft: every rule set', async () => {
  expect(await layOut(/\.nft$/, 'check/nft', '.nft')).toBeGreaterThan(2)
  const said = await inBase('for file in /check/nft/*; do nft -c -f "$file" || echo "refused $file"; done')
  expect(said).toBe('')
})

test('sh: every file that a shell reads', async () => {
  expect(await layOut(/node\.conf$/, 'check/sh', '.conf')).toBeGreaterThan(10)
  expect(await inBase('for file in /check/sh/*; do sh -n "$file" || echo "refused $file"; done')).toBe('')
})

test('systemd-sysctl: every kernel parameter file', async () => {
  expect(await layOut(/sysctl\.d\//, 'check/sysctl', '.conf')).toBe(1)
  // Parameters of this machine are not to be changed: a prefix that none has leaves reading alone.
  const said = await inBase(
    'for file in /check/sysctl/*; do /usr/lib/systemd/systemd-sysctl --prefix=/none "$file" || echo "refused $file"; done',
  )
  expect(said).toBe('')
})
