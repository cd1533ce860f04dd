import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { BuiltStore } from '../../materialise/built-store.ts'
import { readChunks } from '../read-chunks.ts'
import type { Finding, Searcher } from './searcher.ts'

/** Formats of image archives that k3s takes, by their first bytes, and what unpacks them. */
const packers = [
  { start: '28b52ffd', argv: ['zstd', '-dcq'] },
  { start: '1f8b', argv: ['gzip', '-dc'] },
  { start: 'fd377a585a00', argv: ['xz', '-dc'] },
] as const

const searchFile = async (
  host: Host,
  searcher: Searcher,
  path: string,
  place: string,
): Promise<readonly Finding[]> => {
  const search = searcher.open(place)
  const file = await host.files.open(path, 'read')
  try {
    await readChunks(host, file, Number.MAX_SAFE_INTEGER, (chunk) => search.push(chunk))
  } finally {
    await file.close()
  }
  return search.end()
}

const searchUnpacked = async (
  host: Host,
  searcher: Searcher,
  path: string,
  place: string,
): Promise<readonly Finding[]> => {
  const start = Buffer.from(await host.files.readRange(path, 0, 6)).toString('hex')
  const packer = packers.find((candidate) => start.startsWith(candidate.start))
  if (packer === undefined) return []
  const search = searcher.open(`${place}, unpacked`)
  await host.exec(packer.argv, {
    stdinFile: path,
    onStdout: search.push,
    doing: `unpack ${place} to search it for secrets`,
  })
  return search.end()
}

/** What the searches of a build have in common. */
export interface SearchContext {
  readonly host: Host
  readonly built: BuiltStore
  readonly searcher: Searcher
  /** Of the set of secrets that is searched for. */
  readonly setId: string
}

/**
 * Searches a file of the store, and what is packed in it. That nothing was found is remembered by the file's content and
 * the set of secrets, so that the next build need not look again.
 */
export const searchArtifact = async (
  { host, built, searcher, setId }: SearchContext,
  sha256: string,
  path: string,
  place: string,
): Promise<readonly Finding[]> => {
  const id = createHash('sha256').update(`${setId} ${sha256}`).digest('hex')
  let found: readonly Finding[] = []
  try {
    await built.getOrBuild('searched', id, async (folder) => {
      found = [
        ...(await searchFile(host, searcher, path, place)),
        ...(await searchUnpacked(host, searcher, path, place)),
      ]
      if (found.length > 0) throw new Error('secrets were found')
      await host.files.writeAtomic(join(folder, 'nothing-found'), '')
    })
  } catch (error) {
    if (found.length === 0) throw error
  }
  return found
}
