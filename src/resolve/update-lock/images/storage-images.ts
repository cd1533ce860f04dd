import { join } from 'node:path'
import { EnvironmentFault, StepFault } from '../../../diagnostics/fault.ts'
import { fullImageName } from '../../../profile/image-reference.ts'
import { readConfig, readManifest, sha256Of, typeOf } from './documents.ts'
import type { ImageReading } from './image-reading.ts'
import type { LocalImages } from './local-images.ts'
import { keepFile } from './local-images.ts'

/** `[overlay@/var/lib/containers/storage]localhost/app:1.4` names a store in front (containers-transports(5)). */
const withoutStore = (name: string): string => name.replace(/^\[[^\]]*\]/, '')

/** An image of the store that podman, buildah and CRI-O share, through skopeo. */
export const readStorageImage = async (
  { host, store, work, request }: ImageReading,
  name: string,
): Promise<LocalImages> => {
  const folder = join(work, 'storage')
  try {
    await host.exec(
      [
        'skopeo',
        '--insecure-policy',
        'copy',
        '--quiet',
        '--remove-signatures',
        `containers-storage:${name}`,
        `dir:${folder}`,
      ],
      {
        doing: `read ${name} from the local container storage`,
      },
    )
  } catch (error) {
    if (!(error instanceof StepFault)) throw error
    throw new EnvironmentFault(
      `${error.message}: ${error.lastLines.at(-1) ?? ''}`,
      `\`podman images\` of the same user lists what is there; replay: ${error.replay ?? ''}`,
      { at: request.at, cause: error },
    )
  }
  const bytes = (await host.files.readBytes(join(folder, 'manifest.json'))) ?? new Uint8Array()
  const manifest = { mediaType: typeOf(bytes), sha256: sha256Of(bytes), sizeBytes: bytes.length }
  const { config, layers } = readManifest(bytes)
  const { platform } = readConfig(
    (await host.files.readBytes(join(folder, config.sha256))) ?? new Uint8Array(),
  )
  const image = { manifest, config, layers }
  return {
    images: [{ name: fullImageName(withoutStore(name)), platform, image, index: null }],
    platforms: [platform],
    keep: (blob, blobName) =>
      keepFile(host, store, blob, blobName, {
        path: join(folder, blob.sha256 === manifest.sha256 ? 'manifest.json' : blob.sha256),
        owned: true,
      }),
  }
}
