import { join } from 'node:path'
import type { Host } from '../../../host/host.ts'
import type { Lock } from '../../lock.ts'
import type { InputStore } from '../../lock-request.ts'
import type { Architecture } from '../../pins.ts'
import { unpackArchive } from '../images/unpack.ts'
import type { Layer } from './archive-layers.ts'
import { archiveLayers } from './archive-layers.ts'
import { elfStartBytes, loadAlignment } from './elf.ts'
import type { Binary } from './layer-binaries.ts'
import { binariesBelow } from './layer-binaries.ts'

/** A program that a kernel with such pages cannot load. */
export interface UnfitBinary extends Binary {
  /** Name of the image, or of the file that is no image. */
  readonly from: string
}

/**
 * What of the payload of an architecture a kernel with pages of `pageBytes` cannot load: k3s itself, the images of its
 * archive, and those of the profile. Reads all of it once, at the desk: the node would only say `exec format error`, or that a
 * container restarts.
 */
export const unfitBinaries = async (
  host: Host,
  store: Pick<InputStore, 'path'>,
  folder: string,
  lock: Pick<Lock, 'k3s' | 'images'>,
  architecture: Architecture,
  pageBytes: number,
): Promise<readonly UnfitBinary[]> => {
  const k3s = lock.k3s.files[architecture]
  const found: UnfitBinary[] = []
  const scan = async ({ from, path }: Layer): Promise<void> => {
    for (const binary of await binariesBelow(host, path, folder, pageBytes)) found.push({ from, ...binary })
  }
  if (k3s !== undefined) {
    const start = await host.files.readRange(await store.path(k3s.binary), 0, elfStartBytes)
    const alignment = loadAlignment(start)
    if (alignment !== undefined && alignment < pageBytes)
      found.push({ from: k3s.binary.name, path: k3s.binary.name, alignment })
    const images = join(folder, 'images')
    await host.files.makeDirectory(images)
    const files = await unpackArchive(host, await store.path(k3s.airgapImages), images)
    for (const layer of await archiveLayers(host, files, k3s.airgapImages.name, architecture))
      await scan(layer)
    await host.files.remove(images)
  }
  for (const { name, platforms } of lock.images) {
    for (const blob of platforms[architecture]?.layers ?? []) {
      await scan({ from: name, path: await store.path({ ...blob, name }) })
    }
  }
  return found
}
