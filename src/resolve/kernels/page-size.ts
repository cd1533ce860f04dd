import { gunzipSync } from 'node:zlib'
import type { PageSize } from '../../recipes/recipe.ts'

const gzipMagic = [0x1f, 0x8b] as const
/** `ARM\x64` at byte 56 of a kernel for arm64; bits 1 and 2 of the flags at byte 24 are the page size (Linux, arch/arm64/booting.rst). */
const imageMagic = 0x644d5241
const pageSizes: readonly (PageSize | '64k' | undefined)[] = [undefined, '4k', '16k', '64k']

/** Undefined where this is no kernel for arm64, packed by gzip or not, or one from before they told. */
export const kernelPageSize = (file: Uint8Array): PageSize | '64k' | undefined => {
  const isPacked = gzipMagic.every((byte, index) => file[index] === byte)
  let image: Uint8Array
  try {
    image = isPacked ? gunzipSync(file) : file
  } catch {
    return undefined
  }
  if (image.length < 64) return undefined
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  if (view.getUint32(56, true) !== imageMagic) return undefined
  return pageSizes[(view.getUint32(24, true) >> 1) & 3]
}
