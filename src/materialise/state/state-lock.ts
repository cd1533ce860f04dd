import { dirname, join } from 'node:path'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'

/** A process, told from a later one that got its number: `<pid> <start time in ticks> <boot id>`. */
const processMark = async (host: Host, pid: string): Promise<string | undefined> => {
  const stat = await host.files.readText(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const number = stat.slice(0, stat.indexOf(' '))
  // The name in brackets may hold anything; what follows its closing bracket starts with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const bootId = (await host.files.readText('/proc/sys/kernel/random/boot_id')) ?? ''
  return `${number} ${fields[19] ?? ''} ${bootId.trim()}`
}

/**
 * Holds `<directory>/lock` while `work` runs, so that two builds never make or use the same state at once. A lock whose
 * process is gone (killed, or the machine restarted) is taken over.
 */
export const withLock = async <T>(host: Host, directory: string, work: () => Promise<T>): Promise<T> => {
  const path = join(directory, 'lock')
  const own = (await processMark(host, 'self')) ?? 'unknown'
  const folders = [directory, dirname(directory)]
  const there = await Promise.all(folders.map((folder) => host.files.stat(folder)))
  await acquire(host, directory, path, own)
  // A run that makes no state leaves no trace: neither the lock nor the folders that were made for it.
  const release = host.onExit(async () => {
    await host.files.remove(path)
    for (const folder of folders.filter((_, index) => there[index] === undefined))
      await host.files.removeEmpty(folder)
  })
  try {
    return await work()
  } finally {
    await release()
  }
}

const acquire = async (host: Host, directory: string, path: string, own: string): Promise<void> => {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await host.files.makeDirectory(directory, 0o700)
    if (await host.files.createExclusive(path, `${own}\n`)) return
    const holder = (await host.files.readText(path))?.trim()
    if (holder === undefined) continue
    const pid = holder.split(' ')[0] ?? ''
    if (!/^\d+$/.test(pid) || (await processMark(host, pid)) !== holder) {
      await takeAway(host, path, holder, own)
      continue
    }
    throw new EnvironmentFault(
      `another build of this cluster is running (process ${pid}, lock ${path})`,
      'wait until it has ended, or stop it',
    )
  }
  throw new EnvironmentFault(`the lock ${path} changes hands without end`, 'try again')
}

/** Renames before it removes: of two processes that found the same stale lock, one gets it, and neither a fresh one. */
const takeAway = async (host: Host, path: string, stale: string, own: string): Promise<void> => {
  const aside = `${path}.${own.split(' ')[0] ?? 'x'}`
  try {
    await host.files.rename(path, aside)
  } catch {
    return
  }
  const taken = (await host.files.readText(aside))?.trim()
  if (taken !== undefined && taken !== stale) await host.files.createExclusive(path, `${taken}\n`)
  await host.files.remove(aside)
}
