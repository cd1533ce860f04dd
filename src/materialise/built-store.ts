import { dirname, join } from 'node:path'
import type { Host } from '../host/host.ts'
import { readJson } from '../host/read-json.ts'
import { builtFolder } from './cache-paths.ts'
import { fileStamp } from './file-stamp.ts'
import { sweepWorkFolders, withWorkFolder } from './work-folder.ts'

export interface BuiltFile {
  readonly sizeBytes: number
  readonly sha256: string
}

/** `manifest.json` of a built folder: its files (flat) by name. */
export interface BuiltManifest {
  readonly files: Readonly<Record<string, BuiltFile>>
}

/** Fills a folder; returns the sha256 of files by name where it knows it. */
export type BuildFolder = (folder: string) => Promise<Readonly<Record<string, string>>> | Promise<void>

/** Things derived from inputs, by the hash of what they were made from. Safe for many processes at once. */
export interface BuiltStore {
  /**
   * The folder `<cache>/built/<kind>/<id>`. When it is missing or damaged, `build` fills a new folder with regular
   * files (no folders), which then gets a manifest and is renamed into place. It may return the sha256 of files that it
   * hashed while it wrote them.
   */
  readonly getOrBuild: (kind: string, id: string, build: BuildFolder) => Promise<string>
  readonly manifest: (folder: string) => Promise<BuiltManifest>
}

const manifestName = 'manifest.json'
const stampsName = 'stamps.json'

const stampsOf = async (
  host: Host,
  folder: string,
  names: readonly string[],
): Promise<Record<string, string>> => {
  const stamps: Record<string, string> = {}
  for (const name of names) {
    const stat = await host.files.stat(join(folder, name))
    if (stat?.isFile) stamps[name] = fileStamp(stat)
  }
  return stamps
}

/** Hashes only files whose stamp changed; names the first one that is not what the manifest says. */
const findDamage = async (host: Host, folder: string): Promise<string | undefined> => {
  const manifest = await readJson<BuiltManifest>(host, join(folder, manifestName))
  if (manifest === undefined) return manifestName
  const names = Object.keys(manifest.files)
  const known = (await readJson<Record<string, string>>(host, join(folder, stampsName))) ?? {}
  const now = await stampsOf(host, folder, names)
  let changed = false
  for (const [name, file] of Object.entries(manifest.files)) {
    const stamp = now[name]
    if (stamp === undefined) return name
    if (stamp === known[name]) continue
    changed = true
    if ((await host.files.sha256(join(folder, name))) !== file.sha256) return name
  }
  if (changed)
    await host.files.writeAtomic(join(folder, stampsName), `${JSON.stringify(now)}\n`).catch(() => undefined)
  return undefined
}

const seal = async (host: Host, folder: string, known: Readonly<Record<string, string>>): Promise<void> => {
  const files: Record<string, BuiltFile> = {}
  for (const name of [...(await host.files.list(folder))].sort()) {
    const path = join(folder, name)
    const stat = await host.files.stat(path)
    if (!stat?.isFile) throw new Error(`${path} is not a regular file`)
    files[name] = { sizeBytes: stat.sizeBytes, sha256: known[name] ?? (await host.files.sha256(path)) }
  }
  // Stamps hold inode and ctime of the files, which a rename of their folder leaves alone.
  const stamps = await stampsOf(host, folder, Object.keys(files))
  await host.files.writeAtomic(join(folder, stampsName), `${JSON.stringify(stamps)}\n`)
  await host.files.writeAtomic(join(folder, manifestName), `${JSON.stringify({ files }, null, 1)}\n`)
}

const publish = async (host: Host, from: string, target: string): Promise<void> => {
  await host.files.makeDirectory(dirname(target))
  try {
    await host.files.rename(from, target)
  } catch (fault) {
    // Another process may have made the same thing meanwhile; equal ids mean equal content.
    if ((await host.files.stat(target)) === undefined || (await findDamage(host, target)) !== undefined)
      throw fault
  }
}

export const createBuiltStore = (host: Host, cache: string): BuiltStore => {
  const underWay = new Map<string, Promise<string>>()
  let swept: Promise<void> | undefined

  const make = async (kind: string, id: string, build: BuildFolder): Promise<string> => {
    const target = builtFolder(cache, kind, id)
    if ((await host.files.stat(target)) !== undefined) {
      const damaged = await findDamage(host, target)
      if (damaged === undefined) return target
      host.report.warn(`${join(target, damaged)} is damaged; making ${kind} ${id.slice(0, 12)} anew`)
      await host.files.remove(target)
    }
    swept ??= sweepWorkFolders(host, cache)
    await swept
    await withWorkFolder(host, cache, kind, async (work) => {
      const known = await build(work)
      await seal(host, work, known ?? {})
      await publish(host, work, target)
    })
    return target
  }

  return {
    getOrBuild: (kind, id, build) => {
      const key = `${kind}/${id}`
      const running = underWay.get(key)
      if (running !== undefined) return running
      const started = make(kind, id, build).finally(() => underWay.delete(key))
      underWay.set(key, started)
      return started
    },
    manifest: async (folder) => {
      const manifest = await readJson<BuiltManifest>(host, join(folder, manifestName))
      if (manifest === undefined) throw new Error(`${join(folder, manifestName)} cannot be read`)
      return manifest
    },
  }
}
