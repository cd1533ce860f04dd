import { join } from 'node:path'
import { dayMs } from '../host/day.ts'
import type { Host } from '../host/host.ts'
import { workDirectory } from './cache-paths.ts'

/** A root file system made in a user namespace belongs to users that only root of such a namespace may touch. */
const removeTree = async (host: Host, path: string): Promise<void> => {
  try {
    await host.files.remove(path)
  } catch {
    await host.exec(['unshare', '--user', '--map-auto', '--map-root-user', 'rm', '-rf', '--', path], {
      doing: `remove ${path}`,
    })
  }
}

interface Owner {
  readonly machine: string
  readonly boot: string
  readonly process: string
}

/** Process id and start time (fields 1 and 22 of proc_pid_stat(5)): the pair never comes twice in one boot. */
const processIdentity = (stat: string): string | undefined => {
  const pid = /^\d+/.exec(stat)?.[0]
  const started = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/)[19]
  return pid && started ? `${pid}:${started}` : undefined
}

const readOwner = async (host: Host): Promise<Owner> => ({
  machine: ((await host.files.readText('/proc/sys/kernel/hostname')) ?? '').trim(),
  boot: ((await host.files.readText('/proc/sys/kernel/random/boot_id')) ?? '').trim(),
  process: processIdentity((await host.files.readText('/proc/self/stat')) ?? '') ?? '',
})

const parseOwner = (text: string | undefined): Owner | undefined => {
  const [machine, boot, process] = (text ?? '').split(/\s+/)
  return machine && boot && process ? { machine, boot, process } : undefined
}

/** A folder without a readable owner may be one that is being made this moment: only its age tells. */
const isAbandoned = async (host: Host, folder: string, self: Owner): Promise<boolean> => {
  const owner = parseOwner(await host.files.readText(join(folder, 'owner')))
  if (owner === undefined || owner.machine !== self.machine) {
    const stat = await host.files.stat(folder)
    return stat !== undefined && host.now() - stat.mtimeMs > dayMs
  }
  if (owner.boot !== self.boot) return true
  const stat = await host.files.readText(`/proc/${owner.process.split(':')[0]}/stat`)
  return stat === undefined || processIdentity(stat) !== owner.process
}

/** Removes what killed runs left behind; folders of running processes stay. */
export const sweepWorkFolders = async (host: Host, cache: string): Promise<void> => {
  const parent = workDirectory(cache)
  if ((await host.files.stat(parent)) === undefined) return
  const self = await readOwner(host)
  for (const name of await host.files.list(parent)) {
    const folder = join(parent, name)
    if (!(await isAbandoned(host, folder, self))) continue
    host.report.debug(`removing ${folder}, left by a run that was killed`)
    await removeTree(host, folder)
  }
}

export interface WorkFolder {
  /** The caller's; beside it lies a file that says whose it is. */
  readonly work: string
  readonly remove: () => Promise<void>
}

/** A new folder inside the cache; removed when the host is closed, or by the next run when this one is killed. */
export const createWorkFolder = async (host: Host, cache: string, label: string): Promise<WorkFolder> => {
  await host.files.makeDirectory(workDirectory(cache))
  const folder = await host.files.makeTemporaryDirectory(`${label}-`, workDirectory(cache))
  const { machine, boot, process } = await readOwner(host)
  await host.files.writeAtomic(join(folder, 'owner'), `${machine} ${boot} ${process}\n`)
  const work = join(folder, 'work')
  await host.files.makeDirectory(work)
  return { work, remove: () => removeTree(host, folder) }
}

/** Runs work in such a folder and removes it afterwards, whatever happened. */
export const withWorkFolder = async <T>(
  host: Host,
  cache: string,
  label: string,
  run: (work: string) => Promise<T>,
): Promise<T> => {
  const { work, remove } = await createWorkFolder(host, cache, label)
  try {
    return await run(work)
  } finally {
    await remove()
  }
}
