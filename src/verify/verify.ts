import { join } from 'node:path'
import { StepFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { BuildPlan, NodePlan } from '../plan/build-plan.ts'
import { mbrKind, raspberryPiFault } from './mbr.ts'
import { readDiskTable } from './read-table.ts'
import { baseImageDifference } from './verify-base-image.ts'

/** What verify wants to know of a written file. */
export interface VerifiedOutput {
  readonly file: string
  readonly node: string | null
  readonly kind: string
  readonly sizeBytes: number
  readonly written: boolean
}

/** What the first bytes of a partition must be. */
const magics = {
  boot: { offset: 82, text: 'FAT32   ' },
  'root-a': { offset: 0, text: 'hsqs' },
  payload: { offset: 0, text: 'hsqs' },
  seed: { offset: 54, text: 'FAT16   ' },
} as const

/** Re-opens the written images and compares them with the plan: both tables, and what lies in each partition. */
export const verifyImages = async (
  host: Host,
  plan: BuildPlan,
  folder: string,
  outputs: readonly VerifiedOutput[],
): Promise<void> => {
  for (const output of outputs.filter(({ kind, written }) => kind === 'raw' && written)) {
    const node = plan.nodes.find(({ name }) => name === output.node)
    if (node === undefined) throw new Error(`${output.file} is of no node of the plan`)
    const fault = await findDifference(host, plan, node, join(folder, output.file), output.sizeBytes)
    if (fault !== undefined) {
      throw new StepFault(`${join(folder, output.file)} is not what was planned: ${fault}`, {
        help: 'build it again; if it stays so, report it',
      })
    }
  }
}

const findDifference = async (
  host: Host,
  plan: BuildPlan,
  node: NodePlan,
  path: string,
  sizeBytes: number,
): Promise<string | undefined> => {
  const stat = await host.files.stat(path)
  if (stat?.sizeBytes !== sizeBytes) return `its size is ${stat?.sizeBytes ?? 0}, not ${sizeBytes}`
  const { base } = node
  if (base.kind === 'image') {
    const image = plan.baseImages.find(({ id }) => id === base.imageId)
    if (image === undefined) throw new Error(`the plan lacks the base image of ${node.name}`)
    return baseImageDifference(host, image, node, path, sizeBytes)
  }
  const table = await readDiskTable(host, path, sizeBytes)
  if (typeof table.mbr === 'string') return table.mbr
  const kind = node.disk.table === 'hybrid' ? 'hybrid' : 'protective'
  if (mbrKind(table.mbr) !== kind) return `its MBR is not ${kind}`
  for (const copy of [table.primary, table.backup]) {
    if (typeof copy === 'string') return copy
    if (copy.gpt.diskGuid !== node.disk.diskGuid) return `its disk GUID is ${copy.gpt.diskGuid}`
    const planned = node.disk.partitions.map(({ name, typeGuid, partitionGuid }) =>
      [name, typeGuid, partitionGuid].join(' '),
    )
    const found = copy.partitions.map(({ name, typeGuid, guid }) => [name, typeGuid, guid].join(' '))
    const { entriesLba, firstUsableLba } = copy.gpt
    const form = { mbr: table.mbr, entriesLba: copy === table.primary ? entriesLba : 2, firstUsableLba }
    const fault = kind === 'hybrid' ? raspberryPiFault({ ...form, partitions: copy.partitions }) : undefined
    if (fault !== undefined) return fault
    if (found.join() !== planned.join()) return `its partitions are ${found.join(', ')}`
    for (const partition of copy.partitions) {
      const { offset, text } = magics[partition.name as keyof typeof magics]
      const bytes = await host.files.readRange(path, partition.offset + offset, text.length)
      if (new TextDecoder('latin1').decode(bytes) !== text) return `${partition.name} holds no file system`
    }
  }
  return undefined
}
