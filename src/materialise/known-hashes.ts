import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Host } from '../host/host.ts'
import { fileStamp } from './file-stamp.ts'

/**
 * The sha256 of the user's own large files, which are read again only where their stamp has changed. What was found is kept in
 * `<cache>/hashes`, by path. The file must be there.
 */
export const createKnownHashes =
  (host: Host, cache: string) =>
  async (path: string): Promise<string> => {
    const notes = join(cache, 'hashes')
    const note = join(notes, createHash('sha256').update(resolve(path)).digest('hex'))
    const remember = async (text: string): Promise<void> => {
      await host.files.makeDirectory(notes)
      await host.files.writeAtomic(note, text)
    }
    const stampNow = async (): Promise<string> => {
      const stat = await host.files.stat(path)
      return stat === undefined ? '' : fileStamp(stat)
    }
    const stamp = await stampNow()
    const [known, knownHash] = (await host.files.readText(note))?.split('\n') ?? []
    if (known === stamp && knownHash !== undefined) return knownHash
    const sha256 = await host.files.sha256(path)
    // Whoever writes to it meanwhile has it read again. A read-only cache is still a cache.
    if ((await stampNow()) === stamp) await remember(`${stamp}\n${sha256}`).catch(() => undefined)
    return sha256
  }
