import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineColumnOf } from '../diagnostics/source-file.ts'
import { createTestHost } from '../host/testing.ts'
import type { Lock } from '../resolve/lock.ts'
import { printLock } from '../resolve/lock-file.ts'
import type { ArtifactPin } from '../resolve/pins.ts'
import { loadProfileInputs, loadResolvedProfile } from './load-profile.ts'
import { resourcePath } from './resources.ts'
import { pinnedKernels } from './testing/pinned-kernels.ts'

let folder = ''
let profile = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appliance-load-'))
  profile = join(folder, 'lab.yaml')
  await copyFile(resourcePath('profiles/lab.yaml'), profile)
})
afterEach(() => rm(folder, { recursive: true }))

const host = createTestHost()
const load = () => loadResolvedProfile(host, profile)
const edit = async (change: (text: string) => string): Promise<void> =>
  writeFile(profile, change(await readFile(profile, 'utf8')))

const pin = (name: string): ArtifactPin => ({ name, sha256: 'a'.repeat(64), sizeBytes: 1 })

/** What `lock` would write for the profile as it is now, with packages of no content. */
const writeLock = async (change: (lock: Lock) => Lock = (lock) => lock): Promise<void> => {
  const [loaded, faults] = await loadProfileInputs(host, profile)
  expect(faults).toEqual([])
  if (loaded === undefined) throw new Error('no profile')
  const { inputs } = loaded
  const each = <T>(value: T) => Object.fromEntries(inputs.architectures.map((name) => [name, value]))
  const lock: Lock = {
    lockVersion: 1,
    created: '2026-01-02T03:04:05Z',
    base: {
      recipe: inputs.recipe.name,
      archives: inputs.recipe.archives,
      requested: inputs.requested,
      packages: each([]),
      kernels: pinnedKernels(inputs),
      times: each(1_700_000_000),
      firmware: {},
      tools: {},
      image: null,
    },
    k3s: {
      version: inputs.k3sVersion,
      source: 'test',
      files: each({ binary: pin('k3s'), airgapImages: pin('images') }),
      imageList: pin('list'),
      imageNames: ['docker.io/rancher/mirrored-pause:3.6'],
    },
    files: inputs.files.map(pin),
    workloads: [],
    userData: [],
    images: [],
  }
  await writeFile(join(folder, 'lab.lock.yaml'), printLock(change(lock)))
}

test('a profile and its lock give everything filled', async () => {
  await writeLock()
  const [loaded, faults] = await load()
  expect(faults).toEqual([])
  expect(loaded?.resolved).toMatchObject({
    cluster: {
      name: 'lab',
      endpoint: '192.168.10.11',
      datastore: { kind: 'sqlite' },
      vip: null,
      disable: ['traefik'],
      config: {},
    },
    nodes: [
      {
        name: 'lab-1',
        role: 'server',
        architecture: 'arm64',
        network: {
          kind: 'static',
          addresses: ['192.168.10.11/24'],
          gateways: ['192.168.10.1'],
          dns: ['192.168.10.1'],
        },
        labels: {},
        taints: [],
        storage: { medium: 'ssd', sizeBytes: 32e9 },
      },
      { name: 'lab-2', role: 'agent', labels: { zone: 'oven' }, taints: ['oven=hot:NoSchedule'] },
    ],
    site: { timezone: 'Europe/Berlin', ntp: ['192.168.10.1'], proxy: null },
    base: { packages: [], recipe: { name: 'debian-13' } },
    outputs: ['raw'],
    epoch: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
  })
})

test('the endpoint of a server under DHCP is its name', async () => {
  await edit((text) => text.replace('network: { address: 192.168.10.11/24 }', 'network: { dhcp: true }'))
  await writeLock()
  const [loaded] = await load()
  expect(loaded?.resolved.cluster.endpoint).toBe('lab-1')
  expect(loaded?.resolved.nodes[0]?.network).toEqual({ kind: 'dhcp' })
})

test('NO_PROXY is filled from the cluster', async () => {
  await edit((text) =>
    text.replace(
      'site:\n',
      'site:\n  proxy: { https: "http://192.168.10.1:3128", noProxy: [.example.com] }\n',
    ),
  )
  await writeLock()
  const [loaded] = await load()
  expect(loaded?.resolved.site.proxy).toMatchObject({ http: null, https: 'http://192.168.10.1:3128' })
  expect(loaded?.resolved.site.proxy?.noProxy).toEqual([
    'localhost',
    '127.0.0.0/8',
    '::1',
    '10.42.0.0/16',
    '10.43.0.0/16',
    '.svc',
    '.cluster.local',
    '192.168.10.11',
    'lab-1',
    'lab-2',
    '192.168.10.0/24',
    '.example.com',
  ])
})

const faultsAfter = async (change: (text: string) => string) => {
  await writeLock()
  await edit(change)
  const [loaded, faults] = await load()
  expect(loaded).toBeUndefined()
  return faults.map(({ code, message, range, help }) => ({
    code,
    message,
    line: range === undefined ? 0 : lineColumnOf(range.file, range.start).line,
    help,
  }))
}

test('no lock: named with the command that writes it', async () => {
  const [, faults] = await load()
  expect(faults).toMatchObject([{ code: 'L0001', help: `run \`appliance lock ${profile}\`` }])
})

test.each<[string, (text: string) => string, string]>([
  [
    'another k3s',
    (text) => text.replace('v1.33.1+k3s1', 'v1.33.2+k3s1'),
    'the lock pins k3s v1.33.1+k3s1, the profile asks for v1.33.2+k3s1',
  ],
  [
    'a package more',
    (text) => `${text}base: { packages: [wireguard-tools] }\n`,
    'the lock does not pin for arm64: wireguard-tools',
  ],
  [
    'another board',
    (text) => text.replace('role: agent', 'role: agent\n    board: amd64-uefi'),
    'the lock pins nothing for amd64',
  ],
  [
    'a file more',
    (text) => `${text}images: { manifests: [./app.yaml] }\n`,
    'the lock does not pin the manifest ./app.yaml',
  ],
])('the profile has outgrown its lock by %s', async (_, change, message) => {
  expect(await faultsAfter(change)).toMatchObject([
    { code: 'L0004', message, help: `run \`appliance lock ${profile}\`` },
  ])
})

test('a package less is noticed, too: it would stay on the image', async () => {
  await edit((text) => `${text}base: { packages: [wireguard-tools] }\n`)
  await writeLock()
  await edit((text) => text.replace('base: { packages: [wireguard-tools] }\n', ''))
  const [, faults] = await load()
  expect(faults).toMatchObject([{ code: 'L0004' }])
})

test('a board that needs firmware makes a lock without it outgrown', async () => {
  await writeLock()
  await edit((text) => text.replace('role: agent', 'role: agent\n    board: rpi4'))
  const [, faults] = await load()
  expect(faults).toMatchObject([
    { code: 'L0004', message: 'the lock does not pin the stable kernel with pages of 4 KiB for arm64' },
    { code: 'L0004', message: 'the lock pins the firmware of no board, the boards need raspi-firmware' },
  ])
})

test('a board that the kernel does not drive stops before the lock is looked for', async () => {
  await edit((text) => text.replace('role: agent', 'role: agent\n    board: rpi5'))
  const [loaded, faults] = await load()
  expect(loaded).toBeUndefined()
  expect(faults).toMatchObject([{ code: 'R1707' }])
})

test('a lock that is not one', async () => {
  await writeFile(join(folder, 'lab.lock.yaml'), 'lockVersion: 1\ncreated: yes')
  const [, faults] = await load()
  expect(faults[0]?.code).toBe('L0002')
})
