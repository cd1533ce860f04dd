import type { Architecture, DiskPlan, PartitionName } from './build-plan.ts'
import { fixedUuid } from './fixed-ids.ts'

/** Types of the Discoverable Partitions Specification (uapi-group.org); linux-generic has no meaning of its own there. */
export const linuxGeneric = '0fc63daf-8483-4772-8e79-3d69d8477de4'
const efiSystem = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b'
const rootType: Readonly<Record<Architecture, string>> = {
  amd64: '4f68bce3-e8cd-4db1-96e7-fbcaf984b709',
  arm64: 'b921b045-1df0-41c3-af44-4c6f280d3fae',
}

const partitionOrder: readonly PartitionName[] = ['boot', 'root-a', 'payload', 'seed']

export const partitionGuid = (board: string, name: PartitionName): string => fixedUuid(`${board}/${name}`)

/**
 * The same for every node of a board: kernel arguments name root by its partition GUID, and everything before the seed is
 * shared byte for byte. 1 MiB: the erase blocks of cards and the sectors of every disk divide it.
 */
export const planDisk = (
  board: string,
  architecture: Architecture,
  table: DiskPlan['table'] = 'gpt',
): DiskPlan => ({
  table,
  diskGuid: fixedUuid(`${board}/disk`),
  partitions: partitionOrder.map((name, index) => ({
    name,
    number: index + 1,
    typeGuid: name === 'boot' ? efiSystem : name === 'root-a' ? rootType[architecture] : linuxGeneric,
    partitionGuid: partitionGuid(board, name),
  })),
  alignmentBytes: 1024 * 1024,
})
