import type { RaspberryPiFirmware } from '../../recipes/recipe.ts'
import type { LockedKernel } from './locked-kernel.ts'

/** Models of a board by whether a kernel has a device tree for them. */
export interface BoardModels {
  readonly served: readonly { readonly model: string; readonly file: string }[]
  readonly missing: readonly string[]
}

/** A kernel with overlays is the vendor's, and names device trees as the vendor does. */
export const isVendorKernel = ({ board }: Pick<LockedKernel, 'board'>): boolean =>
  board !== null && board.overlays !== null

export const modelsOf = (
  { deviceTrees }: Pick<RaspberryPiFirmware, 'deviceTrees'>,
  kernel: Pick<LockedKernel, 'board'>,
): BoardModels => {
  const there = kernel.board?.deviceTrees ?? []
  const named = deviceTrees.map(({ model, file, vendorFile }) => ({
    model,
    file: isVendorKernel(kernel) ? (vendorFile ?? file) : file,
  }))
  return {
    served: named.filter(({ file }) => there.includes(file)),
    missing: named.filter(({ file }) => !there.includes(file)).map(({ model }) => model),
  }
}
