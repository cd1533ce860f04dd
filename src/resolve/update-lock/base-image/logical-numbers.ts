import { readLogicalChain } from '../../../host/disk/logical-chain.ts'
import type { TableEntry } from '../../../host/disk/sfdisk-table.ts'
import type { Host } from '../../../host/host.ts'
import { isExtended } from '../../base-image/extended-partition.ts'

/** libfdisk knows no more partitions of an MBR than these (util-linux 2.41, dos.c, MAXIMUM_PARTS). */
const mostPartitions = 60

/** Payload, seed, and what a node makes for its data. */
const added = 3

/** Numbers of logical partitions begin behind the four entries of the MBR, used or not. */
export const isLogical = ({ number }: Pick<TableEntry, 'number'>): boolean => number > 4

/**
 * The number that the next logical partition of an MBR gets, where the extended partition of the base can be made larger and its
 * chain longer; or why not, as a sentence.
 */
export const nextLogical = async (
  host: Host,
  path: string,
  extended: TableEntry,
  entries: readonly TableEntry[],
): Promise<number | string> => {
  const { number, offset } = extended
  const other = entries.find((each) => isExtended(each) && each !== extended)
  if (other !== undefined) return `its MBR has two extended partitions, ${number} and ${other.number}`
  const behind = entries.find((each) => !isLogical(each) && each.offset > offset)
  if (behind !== undefined)
    return `partition ${behind.number} is behind its extended partition ${number}, which k3s and the seed would have to make larger`
  const logical = entries.filter(isLogical)
  const chain = await readLogicalChain(host, path, extended, logical)
  const isCovered = chain?.some((sector) =>
    logical.some((each) => sector >= each.offset && sector < each.offset + each.size),
  )
  if (chain === undefined || isCovered === true)
    return `the chain of partitions in its extended partition ${number} has empty links or entries that do not belong there`
  const next = 5 + logical.length
  return next + added - 1 <= mostPartitions
    ? next
    : `its extended partition ${number} has ${logical.length} partitions, and an MBR no more than ${mostPartitions} with those of ours`
}
