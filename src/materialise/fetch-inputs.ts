import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import { withTask } from '../host/with-task.ts'
import type { ArtifactStore, InputPin } from './artifact-store.ts'
import { ChangedInput } from './artifact-store.ts'

/** A pinned input and where it may be had: `http:`, `https:` or `file:` URLs, tried in this order. */
export interface WantedInput {
  readonly pin: InputPin
  readonly urls: readonly string[]
}

const atOnce = 8

/** Above this a download shows progress of its own. */
const largeBytes = 64 * 1024 * 1024

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Tries one source after the other. A source with other content ends it: that is for a person to look at. */
const fetchOne = async (host: Host, store: ArtifactStore, { pin, urls }: WantedInput): Promise<void> => {
  let failure = 'no source is known'
  for (const url of urls) {
    try {
      const label = pin.sizeBytes > largeBytes ? { label: pin.name } : {}
      await store.addDownload(url, { expected: pin, ...label })
      return
    } catch (error) {
      if (error instanceof ChangedInput || host.signal.aborted) throw error
      failure = reasonOf(error)
    }
  }
  throw new EnvironmentFault(
    `the input ${pin.name} (sha256 ${pin.sha256}) is not in the cache and cannot be fetched: ${failure}`,
    'run `appliance lock <profile>` with network, or give the folder of an export or a k3s release by --artifacts',
  )
}

/** Fills the store with whatever of these it lacks or holds damaged. The first failure ends it, and is thrown. */
export const fetchInputs = async (
  host: Host,
  store: ArtifactStore,
  wanted: readonly WantedInput[],
): Promise<void> => {
  const missing: WantedInput[] = []
  for (const input of wanted) if (!(await store.has(input.pin))) missing.push(input)
  if (missing.length === 0) return
  const total = missing.reduce((sum, { pin }) => sum + pin.sizeBytes, 0)
  await withTask(host.report, `download ${missing.length} inputs`, { total, unit: 'bytes' }, async (task) => {
    let fetched = 0
    let failed = false
    const queue = missing.values()
    const work = async (): Promise<void> => {
      for (const input of queue) {
        if (failed) return
        await fetchOne(host, store, input)
        fetched += input.pin.sizeBytes
        task.progress(fetched, input.pin.name)
      }
    }
    try {
      await Promise.all(Array.from({ length: atOnce }, work))
    } catch (fault) {
      failed = true
      throw fault
    }
  })
}
