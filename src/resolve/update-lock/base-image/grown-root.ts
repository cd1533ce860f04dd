import { mbrEntryOffset } from '../../../host/disk/mbr-entries.ts'
import type { Host } from '../../../host/host.ts'
import type { BasePartition, Renumbering } from '../../base-image/locked-base-image.ts'
import type { ImageFault } from './image-fault.ts'
import type { MicroosRoot } from './microos-facts.ts'
import { modules } from './microos-facts.ts'
import type { DiskTable } from './read-table.ts'
import { gptEntries } from './read-table.ts'

/** kiwi's module that makes root reach the end of the medium. */
const growingModule = /^\d+kiwi-repart$/

const cannot = (why: string): ImageFault => ({
  code: 'L0083',
  message: `the initrd of the base image makes its root anew up to the end of the medium (kiwi-repart), and ${why}`,
  help: 'use another system of docs/bases.md, or an image of this one that was made without it',
})

const endOf = ({ offset, size }: BasePartition): number => offset + size

/** The four entries of an MBR, and the type in one. A GPT has one of type EE before it, and a hybrid one others beside that. */
const isHybrid = async (host: Host, path: string): Promise<boolean> => {
  const bytes = await host.files.readRange(path, 0, 512)
  const types = [1, 2, 3, 4].map((number) => bytes[mbrEntryOffset(number) + 4])
  return types.some((type) => type !== 0 && type !== 0xee)
}

/**
 * What becomes of the number of a root that kiwi-repart makes anew; undefined where nothing does. It knows root by the highest
 * number that there was when the image was made, and takes partitions in the order of their places, too (kiwi 10.2,
 * dracut/modules.d/55kiwi-repart): root has to be the last one in both.
 */
export const renumberingOf = async (
  host: Host,
  path: string,
  { partition, reader }: MicroosRoot,
  {
    table,
    partitions,
    firstNumber,
  }: Omit<DiskTable, 'partitions'> & { readonly partitions: readonly BasePartition[] },
): Promise<Renumbering | ImageFault | undefined> => {
  if (!(await reader.list(modules)).some((name) => growingModule.test(name))) return undefined
  if (table !== 'gpt') return cannot('its table is an MBR')
  if (await isHybrid(host, path)) return cannot('its GPT is one for boards, with an MBR beside it')
  if (partitions.some((each) => each.number > partition.number || endOf(each) > endOf(partition)))
    return cannot('its root is not the last of its partitions')
  // One number more than readTable has found free.
  if (firstNumber + 3 > (await gptEntries(host, path))) return cannot('its GPT has no entry for another one')
  return { from: partition.number, to: firstNumber }
}
