import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import { createArtifactStore } from '../materialise/artifact-store.ts'
import { createBuiltStore } from '../materialise/built-store.ts'
import { fileStamp } from '../materialise/file-stamp.ts'
import { buildImageArchive } from '../materialise/image-archive.ts'
import type { Materials } from '../materialise/materials.ts'
import { createSecretReader } from '../materialise/secrets/reader.ts'
import { openState } from '../materialise/state/state.ts'
import type { BuildPlan, NodePlan, PlannedFile } from '../plan/build-plan.ts'
import { idOf } from '../plan/canonical-json.ts'
import { planDisk } from '../plan/disk-plan.ts'
import { fixedVolumeId } from '../plan/fixed-ids.ts'

/** For tests: a cluster of tiny parts, put together by the real tools. */

const epoch = 1_750_000_000
const mib = 1024 * 1024

const text = (path: string, content: string): PlannedFile => ({
  path,
  mode: 0o644,
  content: { kind: 'text', text: content },
})

const architectures = { 'arm64-uefi': 'arm64', 'amd64-uefi': 'amd64', rpi4: 'arm64' } as const
type TinyBoard = keyof typeof architectures

const tinyNode = (name: string, label: string, board: TinyBoard): NodePlan => ({
  name,
  role: 'server',
  first: name === 'one',
  board,
  architecture: architectures[board],
  base: { kind: 'made', baseId: 'base1', bootId: 'boot1' },
  payloadId: 'payload1',
  disk: planDisk(board, architectures[board], board === 'rpi4' ? 'hybrid' : 'gpt'),
  seed: {
    volumeId: fixedVolumeId(name),
    label: 'CIDATA',
    sizeBytes: 16 * mib,
    documents: [text('meta-data', `instance-id: ${name}\n`)],
    files: [text('appliance/node.conf', `NODE_NAME='${name}'\n`)],
    install: [
      { target: '/var/lib/appliance/k3s-config.yaml', mode: 0o600, content: { kind: 'text', text: label } },
      {
        target: '/var/lib/appliance/secrets/token',
        mode: 0o600,
        content: { kind: 'state', reference: { name: 'token/server', secret: true } },
      },
      {
        target: '/etc/rancher/node/password',
        mode: 0o600,
        content: { kind: 'state', reference: { name: `node-password/${name}`, secret: true } },
      },
    ],
    epoch,
  },
  addresses: [],
  gateways: [],
  macAddress: null,
  k3sConfig: {},
  expect: { hostname: name, labels: {}, taints: [], apiPort: 6443, images: [], addOns: [], hardening: null },
  bootstrapToken: null,
  mediumBytes: null,
  medium: { kind: 'ssd', choices: [] },
})

/** Two servers unless told otherwise; `label` changes the seed of the first node alone. */
export const tinyPlan = (
  options: {
    readonly outputs?: BuildPlan['outputs']
    readonly label?: string
    readonly names?: readonly string[]
    readonly board?: TinyBoard
  } = {},
): BuildPlan => {
  const { board = 'arm64-uefi' } = options
  const architecture = architectures[board]
  return {
    planVersion: 1,
    cluster: 'tiny',
    k3sVersion: 'v1.33.1+k3s1',
    epoch,
    bases: [
      {
        id: 'base1',
        recipe: 'debian-13',
        architecture,
        kernel: { source: 'stable', release: '6.12.1', pages: '4k' },
        packages: [],
        tools: [],
        files: [],
        links: [],
        directories: [],
        enableUnits: [],
        maskUnits: [],
        initrdModules: [],
        epoch,
      },
    ],
    baseImages: [],
    payloads: [
      {
        id: 'payload1',
        architecture,
        files: [{ ...text('bin/k3s', '#!/bin/sh\n'), mode: 0o755 }, text('images.txt', 'pause\n')],
        links: [],
        epoch,
        images: [],
        onData: { lower: 0, upper: 0 },
      },
    ],
    boots: [
      {
        id: 'boot1',
        board,
        architecture,
        baseId: 'base1',
        files: [
          { path: 'a/vmlinuz', mode: 0o644, content: { kind: 'base', name: 'vmlinuz' } },
          { path: 'a/initrd.img', mode: 0o644, content: { kind: 'base', name: 'initrd.img' } },
          text('loader/entries/appliance-a.conf', 'options root=PARTUUID=x ro\n'),
        ],
        models: null,
        volumeId: fixedVolumeId('boot'),
        epoch,
      },
    ],
    nodes: (options.names ?? ['one', 'two']).map((name, index) =>
      tinyNode(name, index === 0 ? (options.label ?? 'a') : 'a', board),
    ),
    pki: { form: 'self-signed', authority: null },
    stateProtection: { kind: 'plain' },
    kubeconfigs: [
      {
        file: 'kubeconfig',
        server: 'https://one:6443',
        user: 'appliance-admin',
        groups: ['system:masters'],
        lifetimeDays: 1095,
      },
    ],
    images: [],
    outputs: options.outputs ?? ['raw'],
  }
}

/** Bytes that do not compress and are the same at every call. */
const noise = (length: number, seed: number): Uint8Array => {
  const bytes = Buffer.alloc(length)
  let state = seed
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[index] = state >>> 16
  }
  return bytes
}

/** Stores below `cache` with a base whose root is a real squashfs of `rootMib` of noise. */
export const tinyMaterials = async (
  host: Host,
  cache: string,
  state: string,
  rootMib = 2,
): Promise<Materials> => {
  const built = createBuiltStore(host, cache)
  const base = await built.getOrBuild('base', idOf({ rootMib }), async (folder) => {
    const tree = await host.files.makeTemporaryDirectory('root-')
    await host.files.writeAtomic(join(tree, 'noise'), noise(rootMib * mib, 7))
    const times = ['-mkfs-time', String(epoch), '-all-time', String(epoch)]
    const root = join(folder, 'root.squashfs')
    await host.exec(['mksquashfs', tree, root, '-quiet', '-no-progress', '-noD', '-all-root', ...times])
    await host.files.writeAtomic(join(folder, 'vmlinuz'), noise(100_000, 1))
    await host.files.writeAtomic(join(folder, 'initrd.img'), noise(300_000, 2))
  })
  const artifacts = createArtifactStore(host, cache)
  return {
    artifacts,
    built,
    imageArchive: (archive) => buildImageArchive(host, { artifacts, built, cache }, archive),
    state: await openState(host, state, tinyPlan()),
    secrets: createSecretReader(host, state),
    bases: new Map([['base1', base]]),
    baseDisks: new Map(),
  }
}

/** Flips a bit and leaves size and stamps as they were last seen: as a failing disk would do it. */
export const flipUnnoticed = async (
  host: Host,
  inside: string,
  name: string,
  stampsName: string,
  at: number,
): Promise<void> => {
  const path = join(inside, name)
  const [byte = 0] = await host.files.readRange(path, at, 1)
  const file = await host.files.open(path, 'update')
  await file.write(Uint8Array.of(byte ^ 1), at)
  await file.close()
  const stat = await host.files.stat(path)
  if (stat === undefined) throw new Error(`${path} is missing`)
  const stamps = JSON.parse((await host.files.readText(join(inside, stampsName))) ?? '{}')
  await host.files.writeAtomic(
    join(inside, stampsName),
    JSON.stringify({ ...stamps, [name]: fileStamp(stat) }),
  )
}
