import type { NodePlan } from '../../plan/build-plan.ts'
import { foldersOf } from '../../plan/build-plan.ts'
import type { BootEvidence } from '../evidence.ts'
import type { Outcome } from './check.ts'
import { fact, holds } from './check.ts'

interface Mount {
  readonly target?: string
  readonly fstype?: string
  readonly options?: string
}

const mountsOf = (boot: BootEvidence): readonly Mount[] => {
  try {
    const parsed = JSON.parse(fact(boot, 'mounts')) as { readonly filesystems?: readonly Mount[] }
    return parsed.filesystems ?? []
  } catch {
    return []
  }
}

/** The mount in force: where several share a target, the last hides the others. */
const mountAt = (boot: BootEvidence, target: string): Mount | undefined =>
  mountsOf(boot).findLast((mount) => mount.target === target)

const describe = (mount: Mount | undefined): string =>
  mount === undefined ? 'not mounted' : `${mount.fstype ?? '?'} ${mount.options ?? ''}`.trim()

const isReadOnly = (mount: Mount | undefined): boolean => mount?.options?.split(',').includes('ro') ?? false

/** Alignment of the partition's end and the 34 sectors of the backup partition table. */
const unusedAllowedBytes = 2 * 1024 * 1024
/** What ext4 keeps for its own tables: at most this part of its partition, at these sizes. */
const fileSystemOverhead = 0.1

type DiskChecks = Readonly<Record<string, (boot: BootEvidence, node: NodePlan, diskBytes: number) => Outcome>>

const onData = (boot: BootEvidence, targets: readonly string[]): Outcome => {
  const mounts = targets.map((target) => mountAt(boot, target))
  return holds(
    mounts.every((mount) => mount?.fstype === 'ext4' && !isReadOnly(mount)),
    `${targets.join(' and ')} on a writable ext4`,
    mounts.map(describe).join('; '),
  )
}

/** Of a base that is made here: nothing but the data partition can be written. */
export const madeBaseChecks: DiskChecks = {
  'root-read-only': (boot) => {
    const root = mountAt(boot, '/')
    const write = fact(boot, 'root-write')
    return holds(
      root?.fstype === 'squashfs' && isReadOnly(root) && write === 'read-only',
      'a squashfs, mounted read-only, in which no file can be made',
      `${describe(root)}; ${write === '' ? 'not tried' : write}`,
    )
  },
  'var-on-data': (boot) => onData(boot, ['/data', '/var']),
}

/** Of a base image of the user's own: its root stays as small as it is. */
export const baseImageChecks: DiskChecks = {
  'k3s-on-data': (boot, node) =>
    onData(boot, [foldersOf(node).data, '/var/lib/rancher', '/var/lib/kubelet', '/var/lib/appliance']),
}

export const diskChecks: DiskChecks = {
  'payload-read-only': (boot, node) => {
    const payload = mountAt(boot, foldersOf(node).payload)
    return holds(isReadOnly(payload), 'mounted read-only', describe(payload))
  },
  'data-fills-disk': (boot, _node, diskBytes) => {
    const numbers = fact(boot, 'disk').split(/\s+/).slice(1).map(Number)
    const [disk = Number.NaN, start = Number.NaN, size = Number.NaN, fileSystem = Number.NaN] = numbers
    const unused = disk - start - size
    return holds(
      disk === diskBytes &&
        unused >= 0 &&
        unused <= unusedAllowedBytes &&
        fileSystem >= size * (1 - fileSystemOverhead),
      `partition and file system reach the end of a disk of ${diskBytes} bytes`,
      numbers.length < 4 || numbers.some(Number.isNaN)
        ? 'no sizes reported'
        : `disk ${disk}, partition ${size}, unused ${unused}, file system ${fileSystem} bytes`,
    )
  },
}

/** Of an MBR entry in hex: its type, and its first sector, little-endian. */
const mbrEntry = (mbr: string, number: number): string => {
  const entry = mbr.slice((number - 1) * 32, number * 32)
  return `${entry.slice(8, 10)} from ${entry.slice(16, 24)}`
}

/** Of disks whose firmware reads the MBR: what moves the GPT to the end of a medium must leave that half alone. */
export const hybridDiskChecks: DiskChecks = {
  'mbr-kept': (boot) => {
    const mbr = fact(boot, 'mbr')
    const entries = [1, 2, 3].map((number) => mbrEntry(mbr, number))
    const types = entries.map((entry) => entry.slice(0, 2))
    return holds(
      types.join() === '0c,83,ee' && entries[2] === 'ee from 01000000' && mbr.endsWith('55aa'),
      'boot, root-a and a guard of the GPT in the MBR',
      mbr === '' ? 'no MBR reported' : entries.join('; '),
    )
  },
}
