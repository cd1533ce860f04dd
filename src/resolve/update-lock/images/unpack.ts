import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Header } from 'tar-stream'
import { extract } from 'tar-stream'
import type { Host } from '../../../host/host.ts'

/** A file of an archive, on the disk. */
export interface UnpackedFile {
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** Files by their names in the archive, without `./` in front; links lead to their targets. */
export type UnpackedFiles = ReadonlyMap<string, UnpackedFile>

/** By their first bytes. */
const packers = [
  { start: '1f8b', argv: ['gzip', '-dcq'] },
  { start: '28b52ffd', argv: ['zstd', '-dcq'] },
  { start: 'fd377a585a00', argv: ['xz', '-dcq'] },
  { start: '425a68', argv: ['bzip2', '-dcq'] },
] as const

const plainName = (name: string): string => {
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

/** `docker save` of old links equal layers: `../<id>/layer.tar`. */
const linkTarget = ({ name, type, linkname }: Header): string | undefined => {
  if (typeof linkname !== 'string') return undefined
  if (type === 'link') return plainName(linkname)
  return type === 'symlink' ? plainName(`${name}/../${linkname}`) : undefined
}

const writeEntry = async (host: Host, content: Readable, path: string): Promise<UnpackedFile> => {
  const hash = createHash('sha256')
  const file = await host.files.open(path, 'create')
  let sizeBytes = 0
  try {
    for await (const chunk of content as AsyncIterable<Uint8Array>) {
      host.signal.throwIfAborted()
      hash.update(chunk)
      await file.write(chunk, sizeBytes)
      sizeBytes += chunk.length
    }
  } finally {
    await file.close()
  }
  return { path, sha256: hash.digest('hex'), sizeBytes }
}

const packerOf = async (host: Host, archive: string): Promise<(typeof packers)[number] | undefined> => {
  const start = Buffer.from(await host.files.readRange(archive, 0, 6)).toString('hex')
  return packers.find((candidate) => start.startsWith(candidate.start))
}

/** Size of the plain tar behind a packed one. */
export const unpackedBytes = async (host: Host, archive: string): Promise<number> => {
  const packer = await packerOf(host, archive)
  if (packer === undefined) return (await host.files.stat(archive))?.sizeBytes ?? 0
  let sizeBytes = 0
  const onStdout = ({ length }: Uint8Array): void => {
    sizeBytes += length
  }
  await host.exec(packer.argv, { stdinFile: archive, onStdout, doing: `unpack ${archive}` })
  return sizeBytes
}

/** The plain tar behind a packed one: itself, or a new file in `folder`. */
export const unpacked = async (host: Host, archive: string, folder: string): Promise<string> => {
  const packer = await packerOf(host, archive)
  if (packer === undefined) return archive
  const target = join(folder, 'archive.tar')
  await host.exec(packer.argv, { stdinFile: archive, stdoutFile: target, doing: `unpack ${archive}` })
  return target
}

/**
 * Every file of a tar archive into `folder`, under numbers: no name of the archive becomes one on the disk. Throws what the
 * reader throws where it is no tar.
 */
export const unpackArchive = async (host: Host, archive: string, folder: string): Promise<UnpackedFiles> => {
  const tar = await unpacked(host, archive, folder)
  const files = new Map<string, UnpackedFile>()
  const links: (readonly [string, string])[] = []
  const reader = extract()
  const source = host.files.openRead(tar)
  source.on('error', (error) => reader.destroy(error))
  source.pipe(reader)
  for await (const entry of reader) {
    const { header } = entry
    const name = plainName(header.name)
    const target = linkTarget(header)
    if (target !== undefined) links.push([name, target])
    if (header.type === 'file' || header.type === 'contiguous-file')
      files.set(
        name,
        await writeEntry(host, entry as unknown as Readable, join(folder, `file-${files.size}`)),
      )
    else entry.resume()
  }
  if (tar !== archive) await host.files.remove(tar)
  for (const [name, target] of links) {
    const file = files.get(target)
    if (file !== undefined) files.set(name, file)
  }
  return files
}
