import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { FatReader } from '../host/disk/fat-reader.ts'
import { createFatReader } from '../host/disk/fat-reader.ts'
import type { Host } from '../host/host.ts'
import { fileSystemOf } from './file-system.ts'
import { inspectBase } from './inspect-base.ts'
import { inspectMbr } from './inspect-mbr.ts'
import { inspectSeed, parseShellLines } from './inspect-seed.ts'
import type {
  BootInspection,
  InspectedPartition,
  Inspection,
  PayloadInspection,
  RootInspection,
} from './inspection.ts'
import { mbrKind } from './mbr.ts'
import type { OpenedImage } from './open-image.ts'
import { openImage } from './open-image.ts'
import type { DiskTable, TableCopy } from './read-table.ts'
import { readDiskTable } from './read-table.ts'
import type { SquashfsReader } from './squashfs-reader.ts'
import { createSquashfsReader } from './squashfs-reader.ts'

const inspectBoot = async (boot: FatReader): Promise<BootInspection> => {
  const files = await boot.list()
  const entries: BootInspection['entries'][number][] = []
  for (const file of files.filter((path) => /^loader\/entries\/.+\.conf$/.test(path))) {
    const [, kernelArguments = ''] = /^options\s+(.+)$/m.exec((await boot.read(file)) ?? '') ?? []
    entries.push({ file, kernelArguments })
  }
  for (const file of files.filter((path) => /^(?:.+\/)?cmdline\.txt$/.test(path))) {
    const [kernelArguments = ''] = ((await boot.read(file)) ?? '').split('\n')
    entries.push({ file, kernelArguments })
  }
  return { files, entries }
}

const inspectRoot = async (root: SquashfsReader): Promise<RootInspection> => {
  const [, os = 'unknown'] = /^PRETTY_NAME="(.*)"$/m.exec((await root.read('usr/lib/os-release')) ?? '') ?? []
  const release = parseShellLines((await root.read('usr/lib/appliance/release')) ?? '')
  const status = (await root.read('var/lib/dpkg/status')) ?? ''
  const packages = status.split('\n\n').flatMap((paragraph) => {
    const [, name] = /^Package: (.+)$/m.exec(paragraph) ?? []
    const [, version] = /^Version: (.+)$/m.exec(paragraph) ?? []
    return name === undefined || version === undefined ? [] : [{ name, version }]
  })
  const epoch = release['EPOCH'] === undefined ? null : Number(release['EPOCH'])
  return { os, architecture: release['ARCHITECTURE'] ?? 'unknown', epoch, packages }
}

const inspectPayload = async (payload: SquashfsReader): Promise<PayloadInspection> => {
  const sums = new Map(
    ((await payload.read('SHA256SUMS')) ?? '').split('\n').map((line) => [line.slice(66), line.slice(0, 64)]),
  )
  const nonEmpty = (text: string | undefined): readonly string[] =>
    (text ?? '').split('\n').filter((line) => line !== '')
  const files = await payload.list()
  return {
    k3sVersion: nonEmpty(await payload.read('k3s-version'))[0] ?? null,
    images: nonEmpty(await payload.read('images.txt')),
    files: files.map((file) => ({ ...file, sha256: sums.get(file.path) ?? null })),
  }
}

/** The copy to go by; a fault that says what the file is instead. */
const usableGpt = (path: string, { primary, backup, sizeBytes }: DiskTable): TableCopy => {
  const copy = typeof primary === 'string' ? backup : primary
  const help = 'name an image that `appliance build` made: <node>.img or <node>.img.zst'
  if (typeof copy === 'string') {
    throw new EnvironmentFault(
      `${path} is not a disk image with a GPT: ${primary}; at its end: ${backup}`,
      help,
    )
  }
  const last = Math.max(...copy.partitions.map(({ offset, size }) => offset + size))
  if (last > sizeBytes) {
    throw new EnvironmentFault(
      `${path} is cut short: its partitions end at byte ${last}, the file at ${sizeBytes}`,
      'copy or build it again',
    )
  }
  return copy
}

const inspectTable = async (host: Host, path: string, image: OpenedImage): Promise<Inspection['table']> => {
  const disk = await readDiskTable(host, image.path, image.sizeBytes)
  const mbr = typeof disk.mbr === 'string' ? [] : disk.mbr
  const own = await inspectMbr(host, image.path, disk)
  if (own !== undefined) return { ...own, mbr: { kind: 'other', entries: mbr } }
  const table = usableGpt(path, disk)
  const partitions: InspectedPartition[] = []
  for (const partition of table.partitions) {
    partitions.push({ ...partition, fileSystem: await fileSystemOf(host, image.path, partition) })
  }
  const stateOf = (copy: TableCopy | string): string => (typeof copy === 'string' ? copy : 'valid')
  return {
    form: 'gpt',
    diskGuid: table.gpt.diskGuid,
    mbr: { kind: mbrKind(mbr), entries: mbr },
    primary: stateOf(disk.primary),
    backup: stateOf(disk.backup),
    partitions,
  }
}

/** Everything that can be said of an image without booting it, without root and without its profile. */
export const inspectImage = async (host: Host, path: string): Promise<Inspection> => {
  const image = await openImage(host, path)
  const table = await inspectTable(host, path, image)
  const { partitions } = table
  const reading = async <Reader, T>(
    name: string,
    fileSystem: string,
    open: (host: Host, path: string, offset: number) => Reader,
    inspect: (reader: Reader) => Promise<T>,
  ): Promise<T | null> => {
    const found = partitions.find((partition) => partition.name === name)
    if (found === undefined || !found.fileSystem.startsWith(fileSystem)) return null
    return inspect(open(host, image.path, found.offset))
  }
  return {
    image: path,
    compressed: image.compressed,
    sizeBytes: image.sizeBytes,
    table,
    base: await inspectBase(host, image.path, partitions),
    boot: await reading('boot', 'fat', createFatReader, inspectBoot),
    root: await reading('root-a', 'squashfs', createSquashfsReader, inspectRoot),
    payload: await reading('payload', 'squashfs', createSquashfsReader, inspectPayload),
    seed: await reading('seed', 'fat', createFatReader, inspectSeed),
  }
}
