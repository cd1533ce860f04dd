import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
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

/** A stale lock is taken away by one after the other; whoever finds that under way looks again after a moment. */
const attempts = 50
const pauseMs = 20

const acquire = async (host: Host, directory: string, path: string, own: string): Promise<void> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    await host.files.makeDirectory(directory, 0o700)
    if (await host.files.createExclusive(path, `${own}\n`)) return
    const holder = await holderOf(host, path)
    if (holder === undefined) continue
    if (await isAlive(host, holder)) {
      throw new EnvironmentFault(
        `another build of this cluster is running (process ${holder.split(' ')[0]}, lock ${path})`,
        'wait until it has ended, or stop it',
      )
    }
    if (!(await takeAway(host, path, holder, own))) await sleep(pauseMs)
  }
  throw new EnvironmentFault(`the lock ${path} changes hands without end`, 'try again')
}

const holderOf = async (host: Host, path: string): Promise<string | undefined> =>
  (await host.files.readText(path))?.trim()

const isAlive = async (host: Host, holder: string): Promise<boolean> => {
  const pid = holder.split(' ')[0] ?? ''
  return /^\d+$/.test(pid) && (await processMark(host, pid)) === holder
}

/**
 * Removes a lock whose holder is gone, under a lock of its own: between the last look and the removal nobody else can have
 * taken the stale one away and put a fresh one in its place. False when another process is at it.
 */
const takeAway = async (host: Host, path: string, stale: string, own: string): Promise<boolean> => {
  const guard = `${path}.takeover`
  if (!(await host.files.createExclusive(guard, `${own}\n`))) {
    const holder = await holderOf(host, guard)
    // Killed within these few lines.
    if (holder !== undefined && !(await isAlive(host, holder))) await host.files.remove(guard)
    return false
  }
  try {
    if ((await holderOf(host, path)) === stale) await host.files.remove(path)
  } finally {
    await host.files.remove(guard)
  }
  return true
}
