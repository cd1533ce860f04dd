import { join } from 'node:path'
import type { FileContent, ImageArchive } from '../plan/build-plan.ts'
import type { ArtifactStore } from './artifact-store.ts'
import type { BuiltStore } from './built-store.ts'
import { composeSecret } from './secrets/compose.ts'
import type { SecretReader } from './secrets/reader.ts'
import type { Secret } from './secrets.ts'
import type { ClusterState } from './state/state.ts'

/** Everything that images are made of, on this machine. */
export interface Materials {
  readonly artifacts: ArtifactStore
  readonly built: BuiltStore
  readonly state: ClusterState
  /** What the profile's references name. */
  readonly secrets: SecretReader
  /** Logs of programs that this run wrote; they are searched for secrets. */
  readonly logs?: readonly string[]
  /** Path of the archive of some images, which is made when it is missing. */
  readonly imageArchive: (archive: ImageArchive) => Promise<string>
  /** Folder of a built base by its id. */
  readonly bases: ReadonlyMap<string, string>
  /** Folder with the raw disk of a base image by the image's id. */
  readonly baseDisks: ReadonlyMap<string, string>
  /** Paths of the files of a copied datastore, by their names in the plan; for `replace --backup`. */
  readonly backup?: ReadonlyMap<string, string>
}

export const baseFolder = (materials: Materials, baseId: string): string => {
  const folder = materials.bases.get(baseId)
  if (folder === undefined) throw new Error(`base ${baseId} has not been built`)
  return folder
}

export const baseDiskFolder = (materials: Materials, imageId: string): string => {
  const folder = materials.baseDisks.get(imageId)
  if (folder === undefined) throw new Error(`the disk of the base image ${imageId} has not been made`)
  return folder
}

/** The content of a planned file: a path for what may be large, bytes for the rest, Secret for what the state keeps. */
export const contentOf = async (
  materials: Materials,
  content: FileContent,
  /** For files of a boot partition, which come out of a base. */
  baseId?: string,
): Promise<string | Uint8Array | Secret> => {
  switch (content.kind) {
    case 'text':
      return new TextEncoder().encode(content.text)
    case 'artifact':
      return materials.artifacts.path(content.artifact)
    case 'base':
      if (baseId === undefined) throw new Error(`${content.name} of a base is on boot partitions alone`)
      return join(baseFolder(materials, baseId), content.name)
    case 'package':
      throw new Error(`${content.path} is taken out of its package where the boot partition is made`)
    case 'composed':
      return composeSecret(content.parts, materials.secrets.read)
    case 'backup': {
      const path = materials.backup?.get(content.name)
      if (path === undefined) throw new Error(`no backup ${content.name} was given`)
      return path
    }
    case 'image-archive':
      return materials.imageArchive(content.archive)
    case 'sums':
      throw new Error('checksums follow from the other files of a payload')
    case 'state': {
      const value = materials.state.value(content.reference)
      return content.reference.secret ? value : value.reveal()
    }
  }
}
