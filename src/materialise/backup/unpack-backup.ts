import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import type { Host } from '../../host/host.ts'

export type BackupForm = 'tar' | 'tar.gz' | 'tar.zst'

/** The form of a packed backup by its first bytes; undefined for anything else. */
export const packedForm = (head: Uint8Array): BackupForm | undefined => {
  const starts = (...bytes: readonly number[]): boolean => bytes.every((byte, index) => head[index] === byte)
  if (starts(0x1f, 0x8b)) return 'tar.gz'
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'tar.zst'
  return new TextDecoder('latin1').decode(head.subarray(257, 262)) === 'ustar' ? 'tar' : undefined
}

export interface Unpacked {
  /** Names below `db/` of what was taken, to their sizes. */
  readonly files: ReadonlyMap<string, number>
  /** True when the archive holds a datastore of embedded etcd. */
  readonly hasEtcd: boolean
}

/** `./server/db/state.db` -> `state.db`: whatever folder the archive was made in. */
const nameOf = (path: string): string | undefined =>
  /^(?:.*\/)?(?:db\/)?(state\.db(?:-wal)?)$/.exec(path.replace(/^\.\//, ''))?.[1]

/** Takes `state.db` and `state.db-wal` out of an archive; nothing else of it is ever written. Stops at `maxBytes`. */
export const unpackBackup = async (
  host: Host,
  { path, form, folder, maxBytes }: UnpackOptions,
): Promise<Unpacked> => {
  const files = new Map<string, number>()
  let hasEtcd = false
  const source = form === 'tar.zst' ? await plainTar(host, path, folder) : path
  const entries = extract()
  const { signal } = host
  const bytes = host.files.openRead(source)
  const feeding =
    form === 'tar.gz'
      ? pipeline(bytes, createGunzip(), entries, { signal })
      : pipeline(bytes, entries, { signal })
  const taking = (async () => {
    for await (const entry of entries) {
      const { name, type, size = 0 } = entry.header
      if (/(^|\/)etcd\//.test(name)) hasEtcd = true
      const wanted = type === 'file' ? nameOf(name) : undefined
      if (wanted === undefined || size > maxBytes) {
        if (wanted !== undefined) files.set(wanted, size)
        entry.resume()
        continue
      }
      const file = await host.files.open(join(folder, wanted), 'create')
      let position = 0
      try {
        for await (const chunk of entry) {
          await file.write(chunk as Uint8Array, position)
          position += (chunk as Uint8Array).length
        }
      } finally {
        await file.close()
      }
      files.set(wanted, position)
    }
  })()
  await Promise.all([feeding, taking])
  return { files, hasEtcd }
}

export interface UnpackOptions {
  readonly path: string
  readonly form: BackupForm
  /** Private and temporary. */
  readonly folder: string
  readonly maxBytes: number
}

const plainTar = async (host: Host, path: string, folder: string): Promise<string> => {
  const tar = join(folder, 'backup.tar')
  await host.exec(['zstd', '-q', '-d', '-c', '--long=31'], {
    stdinFile: path,
    stdoutFile: tar,
    doing: 'unpack the backup',
  })
  return tar
}
