import type { Buffer } from 'node:buffer'
import type { Host } from '../../host/host.ts'
import type { DiskPlan, Renumbering } from '../../plan/build-plan.ts'
import { sectorSize } from '../geometry.ts'
import { quietSfdisk } from '../quiet-sfdisk.ts'
import type { Span } from './changed-byte.ts'

/** A root of the base whose number another entry gets (Renumbering): sfdisk moves no entry, but takes one out and makes it again. */

/** Where an entry of a GPT is: the header says where they begin, and the size of one (UEFI 2.10, 5.3.2). */
export const gptEntry = (head: Buffer, number: number): Span => {
  const entries = Number(head.readBigUInt64LE(sectorSize + 72)) * sectorSize
  const size = head.readUInt32LE(sectorSize + 84)
  return [entries + (number - 1) * size, entries + number * size]
}

/** Takes an entry out of a table; what sfdisk has to be told to make it again, but for its number. */
export const takeOut = async (host: Host, path: string, { from }: Renumbering): Promise<string> => {
  const { stdout } = await host.exec(['sfdisk', '--dump', path])
  const found = stdout.split('\n').find((line) => line.startsWith(`${path}${from} :`))
  if (found === undefined) throw new Error(`the base image has no partition ${from}`)
  await host.exec(quietSfdisk('--delete', path, String(from)))
  return found.slice(`${path}${from}`.length)
}

/** The lines of sfdisk for the root under its new number, and for the entry that has the old one: at byte `offset`, one unit of alignment. */
export const renumberedLines = (
  file: string,
  { empty, alignmentBytes }: DiskPlan,
  { to }: Renumbering,
  { root, offset }: { readonly root: string; readonly offset: number },
): string => {
  if (empty === undefined) throw new Error('the plan has no entry for the number of the root')
  const { name, number, typeGuid, partitionGuid } = empty
  const place = `start=${offset / sectorSize}, size=${alignmentBytes / sectorSize}`
  const identity = `type=${typeGuid.toUpperCase()}, uuid=${partitionGuid.toUpperCase()}, name="${name}"`
  return `${file}${to}${root}\n${file}${number} : ${place}, ${identity}\n`
}

/** Whether the entry of the root is in the new table what it was in the old one, byte by byte. */
export const isSameRoot = (before: Buffer, after: Buffer, { from, to }: Renumbering): boolean =>
  before.subarray(...gptEntry(before, from)).equals(after.subarray(...gptEntry(after, to)))
