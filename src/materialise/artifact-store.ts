import { basename, dirname, join } from 'node:path'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { ArtifactPin } from '../plan/build-plan.ts'
import { stampOf, storedFile } from './cache-paths.ts'
import { fileStamp } from './file-stamp.ts'
import { createWorkFolder } from './work-folder.ts'

/** What identifies an input; `ArtifactPin` and `PackagePin` both fit. */
export type InputPin = Pick<ArtifactPin, 'name' | 'sha256' | 'sizeBytes'>

/** What a source promises of a file; checksum lists know no sizes. */
export type ExpectedInput = Pick<ArtifactPin, 'name' | 'sha256'>

/** Inputs by content: read-only files below `<cache>/store`. Safe for many processes at once. */
export interface ArtifactStore {
  /** Path of a file whose content is known to be the pinned one; EnvironmentFault when it is missing or damaged. */
  readonly path: (pin: InputPin) => Promise<string>
  /** True when the file is there and whole. */
  readonly has: (pin: InputPin) => Promise<boolean>
  /** The stored file of this hash, whole, with its size; undefined when there is none. */
  readonly find: (expected: ExpectedInput) => Promise<ArtifactPin | undefined>
  /** Copies a file in. With `expected`, a file of other content is refused. */
  readonly addFile: (source: string, expected?: ExpectedInput) => Promise<ArtifactPin>
  /** Takes over a file that lies on the cache's file system, without a copy; other content is refused. */
  readonly moveFile: (source: string, expected: ExpectedInput) => Promise<ArtifactPin>
  /** Downloads a file in (`file:` URLs too). With `expected`, other content is refused; without a label there is no progress. */
  readonly addDownload: (
    url: string,
    options: { readonly expected?: ExpectedInput; readonly label?: string },
  ) => Promise<ArtifactPin>
}

/** A file that is not what was pinned under its name: never used, whatever else may be tried. */
export class ChangedInput extends EnvironmentFault {}

type State = 'whole' | 'missing' | 'damaged'

const fetchAgain = 'run `appliance lock <profile>`: it fetches whatever the cache lacks'

const createExamine =
  (host: Host) =>
  async (path: string, sha256: string, sizeBytes?: number): Promise<State> => {
    const stat = await host.files.stat(path)
    if (stat === undefined) return 'missing'
    if (sizeBytes !== undefined && stat.sizeBytes !== sizeBytes) return 'damaged'
    const stamp = fileStamp(stat)
    if ((await host.files.readText(stampOf(path))) === stamp) return 'whole'
    if ((await host.files.sha256(path)) !== sha256) return 'damaged'
    await host.files.writeAtomic(stampOf(path), stamp).catch(() => undefined) // a read-only store is still a store
    return 'whole'
  }

export const createArtifactStore = (host: Host, cache: string): ArtifactStore => {
  const examine = createExamine(host)
  let workFolder: Promise<string> | undefined
  let count = 0

  /** A new name in this process's own folder on the store's file system. */
  const temporaryName = async (): Promise<string> => {
    workFolder ??= createWorkFolder(host, cache, 'store').then(({ work }) => work)
    count += 1
    const name = String(count) // before the pause: others call this meanwhile
    return join(await workFolder, name)
  }

  /** Checks a file of ours, makes it read-only and renames it into place. */
  const takeOver = async (path: string, source: string, name: string, expected?: ExpectedInput) => {
    const sha256 = await host.files.sha256(path)
    if (expected !== undefined && sha256 !== expected.sha256) {
      await host.files.remove(path)
      throw new ChangedInput(
        `${source} is not the pinned ${name}: its sha256 is ${sha256}, expected was ${expected.sha256}`,
        'it changed since it was pinned and was not used; put the pinned file back, or make a new lock',
      )
    }
    const target = storedFile(cache, sha256)
    await host.files.chmod(path, 0o444)
    await host.files.makeDirectory(dirname(target))
    await host.files.rename(path, target)
    const stat = await host.files.stat(target)
    if (stat === undefined) throw new Error(`${target} vanished`)
    await host.files.writeAtomic(stampOf(target), fileStamp(stat))
    return { name, sha256, sizeBytes: stat.sizeBytes }
  }

  const path = async ({ name, sha256, sizeBytes }: InputPin): Promise<string> => {
    const at = storedFile(cache, sha256)
    switch (await examine(at, sha256, sizeBytes)) {
      case 'whole':
        return at
      case 'missing':
        throw new EnvironmentFault(`the input ${name} (sha256 ${sha256}) is not in the cache`, fetchAgain)
      case 'damaged':
        throw new EnvironmentFault(
          `the input ${name} is damaged in the cache: ${at} does not have the sha256 of its name`,
          fetchAgain,
        )
    }
  }

  return {
    path,
    has: async ({ sha256, sizeBytes }) =>
      (await examine(storedFile(cache, sha256), sha256, sizeBytes)) === 'whole',
    find: async ({ name, sha256 }) => {
      const at = storedFile(cache, sha256)
      if ((await examine(at, sha256)) !== 'whole') return undefined
      const stat = await host.files.stat(at)
      return stat === undefined ? undefined : { name, sha256, sizeBytes: stat.sizeBytes }
    },
    addFile: async (source, expected) => {
      const copied = await temporaryName()
      await host.files.copy(source, copied)
      return takeOver(copied, source, expected?.name ?? basename(source), expected)
    },
    moveFile: (source, expected) => takeOver(source, source, expected.name, expected),
    addDownload: async (url, { expected, label }) => {
      const fetched = await temporaryName()
      await host.download(url, fetched, label === undefined ? {} : { label })
      return takeOver(fetched, url, expected?.name ?? basename(new URL(url).pathname), expected)
    },
  }
}
