import { basename, dirname, join } from 'node:path'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { ArtifactPin } from '../plan/build-plan.ts'
import { stampOf, storedFile } from './cache-paths.ts'
import { fileStamp } from './file-stamp.ts'
import { withWorkFolder } from './work-folder.ts'

/** What identifies an input; `ArtifactPin` and `PackagePin` both fit. */
export type InputPin = Pick<ArtifactPin, 'name' | 'sha256' | 'sizeBytes'>

/** Inputs by content: read-only files below `<cache>/store`. Safe for many processes at once. */
export interface ArtifactStore {
  /** Path of a file whose content is known to be the pinned one; EnvironmentFault when it is missing or damaged. */
  readonly path: (pin: InputPin) => Promise<string>
  /** True when the file is there and whole. */
  readonly has: (pin: InputPin) => Promise<boolean>
  /** Copies a file in. With `expected`, a file of other content is refused. */
  readonly addFile: (source: string, expected?: InputPin) => Promise<ArtifactPin>
  /** Downloads a file in, refusing other content than the pinned one. */
  readonly addDownload: (url: string, expected: InputPin, label?: string) => Promise<void>
  /** Downloads a file whose content nobody has promised yet, and says what it is. */
  readonly addUnknownDownload: (url: string, name: string) => Promise<ArtifactPin>
}

type State = 'whole' | 'missing' | 'damaged'

const examine = async (host: Host, path: string, pin: InputPin): Promise<State> => {
  const stat = await host.files.stat(path)
  if (stat === undefined) return 'missing'
  if (stat.sizeBytes !== pin.sizeBytes) return 'damaged'
  const stamp = fileStamp(stat)
  if ((await host.files.readText(stampOf(path))) === stamp) return 'whole'
  if ((await host.files.sha256(path)) !== pin.sha256) return 'damaged'
  await host.files.writeAtomic(stampOf(path), stamp).catch(() => undefined) // a read-only store is still a store
  return 'whole'
}

const differs = (what: string, pin: InputPin, found: ArtifactPin, help: string): EnvironmentFault =>
  new EnvironmentFault(
    `${what} is not the pinned ${pin.name}: expected sha256 ${pin.sha256} (${pin.sizeBytes} bytes), found ${found.sha256} (${found.sizeBytes} bytes)`,
    help,
  )

/** Takes over a file inside a work folder: hashed, made read-only, renamed into place. */
const takeOver = async (host: Host, cache: string, path: string, name: string): Promise<ArtifactPin> => {
  const sha256 = await host.files.sha256(path)
  const target = storedFile(cache, sha256)
  await host.files.chmod(path, 0o444)
  await host.files.makeDirectory(dirname(target))
  await host.files.rename(path, target)
  const stat = await host.files.stat(target)
  if (stat === undefined) throw new Error(`${target} vanished`)
  await host.files.writeAtomic(stampOf(target), fileStamp(stat))
  return { name, sha256, sizeBytes: stat.sizeBytes }
}

export const createArtifactStore = (host: Host, cache: string): ArtifactStore => {
  const stateOf = (pin: InputPin): Promise<State> => examine(host, storedFile(cache, pin.sha256), pin)

  const path = async (pin: InputPin): Promise<string> => {
    const at = storedFile(cache, pin.sha256)
    const state = await stateOf(pin)
    if (state === 'missing') {
      throw new EnvironmentFault(
        `input ${pin.name} (sha256 ${pin.sha256}) is not in the cache ${cache}`,
        'run `appliance lock <profile>` to fetch every input the lock names',
      )
    }
    if (state === 'damaged') {
      throw new EnvironmentFault(
        `input ${pin.name} is damaged: ${at} does not have sha256 ${pin.sha256}`,
        'run `appliance lock <profile>` to fetch it again',
      )
    }
    return at
  }

  const place = async (fetched: string, name: string): Promise<ArtifactPin> =>
    takeOver(host, cache, fetched, name)

  return {
    path,
    has: async (pin) => (await stateOf(pin)) === 'whole',
    addFile: (source, expected) =>
      withWorkFolder(host, cache, 'add', async (work) => {
        const copied = join(work, 'file')
        await host.files.copy(source, copied)
        const name = expected?.name ?? basename(source)
        if (expected !== undefined) {
          const sha256 = await host.files.sha256(copied)
          const sizeBytes = (await host.files.stat(copied))?.sizeBytes ?? 0
          if (sha256 !== expected.sha256) {
            throw differs(
              source,
              expected,
              { name, sha256, sizeBytes },
              'put the pinned file back, or make a new lock',
            )
          }
        }
        return place(copied, name)
      }),
    addDownload: (url, expected, label) =>
      withWorkFolder(host, cache, 'get', async (work) => {
        const fetched = join(work, 'file')
        await host.download(url, fetched, { label: label ?? expected.name })
        const sha256 = await host.files.sha256(fetched)
        const sizeBytes = (await host.files.stat(fetched))?.sizeBytes ?? 0
        if (sha256 !== expected.sha256) {
          const found = { name: expected.name, sha256, sizeBytes }
          throw differs(
            url,
            expected,
            found,
            'the file changed upstream and was not used; restore it there or make a new lock',
          )
        }
        await place(fetched, expected.name)
      }),
    addUnknownDownload: (url, name) =>
      withWorkFolder(host, cache, 'get', async (work) => {
        const fetched = join(work, 'file')
        await host.download(url, fetched, { label: name })
        return place(fetched, name)
      }),
  }
}
