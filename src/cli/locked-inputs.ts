import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Host } from '../host/host.ts'
import type { ArtifactStore } from '../materialise/artifact-store.ts'
import { fetchInputs } from '../materialise/fetch-inputs.ts'
import type { Lock } from '../resolve/lock.ts'
import { lockInputs } from '../resolve/lock-inputs.ts'
import type { Architecture } from '../resolve/pins.ts'

const isUrl = (text: string): boolean => /^https?:\/\//.test(text)

/** `--artifacts` as a URL that ends with a slash. */
export const artifactsUrl = (artifacts: string | undefined): string | null => {
  if (artifacts === undefined) return null
  const url = isUrl(artifacts) ? artifacts : pathToFileURL(resolve(artifacts)).href
  return url.endsWith('/') ? url : `${url}/`
}

/** Makes sure that the cache holds every input that a lock names; fetches exactly the pinned ones that are missing. */
export const fetchLockedInputs = async (
  host: Host,
  store: ArtifactStore,
  lock: Lock,
  options: {
    readonly artifacts: string | undefined
    readonly buildArchitectures: readonly Architecture[]
  },
): Promise<void> =>
  fetchInputs(
    host,
    store,
    lockInputs(lock, {
      buildArchitectures: options.buildArchitectures,
      artifactsUrl: artifactsUrl(options.artifacts),
    }),
  )
