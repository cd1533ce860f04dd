import { dirname } from 'node:path'
import type { Host } from '../host/host.ts'
import type { ArtifactStore } from '../materialise/artifact-store.ts'
import { cacheDirectory } from '../materialise/cache-paths.ts'
import { createSecretReader } from '../materialise/secrets/reader.ts'
import { withWorkFolder } from '../materialise/work-folder.ts'
import { lockedBlobs } from '../resolve/image-pins.ts'
import type { Lock } from '../resolve/lock.ts'
import { pullSettings } from '../resolve/pull-settings.ts'
import { restoreImages } from '../resolve/update-lock/images/lock-images.ts'
import type { LoadedInputs } from './load-profile.ts'
import { withPlaces } from './place-fault.ts'

/** Fetches pinned images of which the store lacks something again, from where the profile says they are. */
export const restoreLockedImages = async (
  host: Host,
  store: ArtifactStore,
  lock: Lock,
  { checked, inputs }: Pick<LoadedInputs, 'checked' | 'inputs'>,
  profile: string,
): Promise<void> => {
  let isWhole = true
  for (const pin of lockedBlobs(lock.images)) isWhole &&= await store.has(pin)
  if (isWhole) return
  const folder = dirname(profile)
  const secrets = createSecretReader(host, folder, checked.literals)
  const request = {
    images: inputs.images,
    pull: pullSettings(checked.profile),
    folder,
    readSecret: async (secret: Parameters<typeof secrets.read>[0]) => (await secrets.read(secret)).reveal(),
  }
  await withPlaces(checked, () =>
    withWorkFolder(host, cacheDirectory(host.environment), 'images', (work) =>
      restoreImages(host, store, work, request, lock.images),
    ),
  )
}
