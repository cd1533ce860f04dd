import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Host } from '../host/host.ts'
import type { ArtifactStore } from '../materialise/artifact-store.ts'
import { fetchInputs } from '../materialise/fetch-inputs.ts'
import type { Lock } from '../resolve/lock.ts'
import type { LockInputsOptions } from '../resolve/lock-inputs.ts'
import { lockInputs } from '../resolve/lock-inputs.ts'
import type { Architecture } from '../resolve/pins.ts'

const isUrl = (text: string): boolean => /^https?:\/\//.test(text)

/** `--artifacts` names a k3s release, or an export, which is told by its `store` folder. */
const sourcesOf = async (
  host: Host,
  artifacts: string | undefined,
): Promise<Pick<LockInputsOptions, 'releaseUrl' | 'exportUrl'>> => {
  if (artifacts === undefined) return { releaseUrl: null, exportUrl: null }
  const url = isUrl(artifacts) ? artifacts : pathToFileURL(resolve(artifacts)).href
  const folder = url.endsWith('/') ? url : `${url}/`
  const isExport =
    !isUrl(artifacts) && (await host.files.stat(join(artifacts, 'store')))?.isDirectory === true
  return isExport ? { releaseUrl: null, exportUrl: folder } : { releaseUrl: folder, exportUrl: null }
}

/** Makes sure that the cache holds every input that a lock names; fetches exactly the pinned ones that are missing. */
export const fetchLockedInputs = async (
  host: Host,
  store: ArtifactStore,
  lock: Lock,
  options: {
    /** Path of the profile. */
    readonly profile: string
    readonly artifacts: string | undefined
    readonly buildArchitectures: readonly Architecture[]
    /** Brings back images that neither the store nor an export has. */
    readonly restoreImages?: () => Promise<void>
  },
): Promise<void> => {
  const sources = await sourcesOf(host, options.artifacts)
  const { buildArchitectures, profile } = options
  const profileUrl = `${pathToFileURL(resolve(dirname(profile))).href}/`
  const wanted = lockInputs(lock, { buildArchitectures, profileUrl, ...sources })
  // An export has them all, and needs no registry.
  if (sources.exportUrl === null) await options.restoreImages?.()
  await fetchInputs(host, store, wanted)
}
