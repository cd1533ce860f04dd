import { join } from 'node:path'
import { Cancelled, EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import { datastoreFault, headBytes, isSqlite } from './sqlite-file.ts'
import { packedForm, unpackBackup } from './unpack-backup.ts'

/** A file of a datastore, to be placed under its name. */
export interface BackupFile {
  readonly name: 'state.db' | 'state.db-wal'
  readonly path: string
  readonly sizeBytes: number
}

/** It travels in the seed, which is held in memory while it is made. */
export const maxBackupBytes = 1024 ** 3

const unusable = (path: string, why: string, help?: string): EnvironmentFault =>
  new EnvironmentFault(
    `the backup ${path} cannot be used: ${why}`,
    help ??
      'make it on the server: systemctl stop k3s && tar -C /var/lib/rancher/k3s/server -czf db.tar.gz db, and start k3s again',
    { code: 'B1102' },
  )

const sizeOf = async (host: Host, path: string): Promise<number | undefined> => {
  const stat = await host.files.stat(path)
  return stat?.isFile === true ? stat.sizeBytes : undefined
}

/** The files of an archive or, for a copy of the datastore as it is, that file and the log beside it. */
const gather = async (host: Host, path: string): Promise<readonly BackupFile[]> => {
  const head = await host.files.readRange(path, 0, headBytes)
  if (isSqlite(head)) {
    const found = await Promise.all(
      (['state.db', 'state.db-wal'] as const).map(async (name) => {
        const at = `${path}${name.slice('state.db'.length)}`
        return { name, path: at, sizeBytes: (await sizeOf(host, at)) ?? 0 }
      }),
    )
    return found
  }
  const form = packedForm(head)
  if (form === undefined) throw unusable(path, 'it is neither an SQLite file nor a tar')
  const folder = await host.files.makeTemporaryDirectory('backup-')
  const { files, hasEtcd } = await unpackBackup(host, { path, form, folder, maxBytes: maxBackupBytes }).catch(
    (cause: unknown) => {
      if (cause instanceof Cancelled || host.signal.aborted || cause instanceof EnvironmentFault) throw cause
      throw unusable(path, `it is no whole ${form}`)
    },
  )
  if (!files.has('state.db'))
    throw unusable(
      path,
      hasEtcd ? 'it is of embedded etcd, not of sqlite' : 'it holds no `state.db`',
      hasEtcd ? 'a snapshot of etcd is put back on the node by k3s itself: see docs/ha.md' : undefined,
    )
  return (['state.db', 'state.db-wal'] as const).map((name) => ({
    name,
    path: join(folder, name),
    sizeBytes: files.get(name) ?? 0,
  }))
}

/** A copy of k3s's datastore, checked as far as it can be without k3s: SQLite, whole, with k3s's table. */
export const readBackup = async (host: Host, path: string): Promise<readonly BackupFile[]> => {
  if ((await sizeOf(host, path)) === undefined)
    throw unusable(path, 'there is no such file', 'name the copy of the datastore')
  const gathered = await gather(host, path)
  const files = gathered.filter(({ sizeBytes }) => sizeBytes > 0)
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (total > maxBackupBytes)
    throw unusable(path, `it is larger than 1 GiB`, 'make it smaller first: sqlite3 state.db VACUUM')
  const [main, log] = [
    files.find(({ name }) => name === 'state.db'),
    files.find(({ name }) => name !== 'state.db'),
  ]
  const headOf = (file: BackupFile): Promise<Uint8Array> =>
    host.files.readRange(file.path, 0, Math.min(file.sizeBytes, headBytes * 16))
  const fault =
    main === undefined
      ? 'its `state.db` is empty'
      : datastoreFault({
          head: await headOf(main),
          sizeBytes: main.sizeBytes,
          log: log === undefined ? null : { head: await headOf(log), sizeBytes: log.sizeBytes },
        })
  if (fault !== undefined) throw unusable(path, fault)
  return files
}
