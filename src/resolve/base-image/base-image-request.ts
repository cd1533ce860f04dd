import type { Profile } from '../../profile/schema.ts'
import type { ImageForm } from './image-form.ts'

/** What the profile says of a base image. */
export interface BaseImageRequest {
  readonly from: 'file' | 'url'
  /** The path or the address, as the profile has it. */
  readonly source: string
  readonly sha256: string | null
  readonly format: ImageForm | null
}

/** Null: the base is made here. */
export const baseImageRequest = ({ base }: Pick<Profile, 'base'>): BaseImageRequest | null => {
  const image = base?.image
  const source = image?.file ?? image?.url
  if (image === undefined || source === undefined) return null
  return {
    from: image.file === undefined ? 'url' : 'file',
    source,
    sha256: image.sha256 ?? null,
    format: image.format ?? null,
  }
}
