import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { Host } from '../host/host.ts'
import { withWorkFolder } from '../materialise/work-folder.ts'
import type { CheckedProfile } from '../profile/validate.ts'
import type { Recipes } from '../recipes/read-recipes.ts'
import type { LockedBaseImage } from '../resolve/base-image/locked-base-image.ts'
import type { Lock } from '../resolve/lock.ts'
import type { InputStore } from '../resolve/lock-request.ts'
import type { UnfitBinary } from '../resolve/update-lock/page-size/unfit-binaries.ts'
import { unfitBinaries } from '../resolve/update-lock/page-size/unfit-binaries.ts'

const largePages = 16 * 1024

/** As many as one wants to read. */
const shown = 5

const describe = (binaries: readonly UnfitBinary[]): string => {
  const texts = binaries
    .slice(0, shown)
    .map(({ from, path, alignment }) => `${path} of ${from} (${alignment / 1024} KiB)`)
  const more = binaries.length - texts.length
  return `${texts.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

interface Asked {
  readonly place: Path
  readonly help: string
}

/** Who makes it a kernel with large pages: the node, or a base image on a board that knows them. */
const largePagesOf = (
  { nodes }: Pick<CheckedProfile, 'nodes'>,
  { boards }: Pick<Recipes, 'boards'>,
  image: LockedBaseImage | null,
): Asked | undefined => {
  const asks = nodes.find(({ pi }) => pi?.kernel === '16k')
  if (asks !== undefined) {
    const help = 'use `kernel: 4k`, or images whose programs are linked for larger pages'
    return { place: asks.origin(['pi', 'kernel']), help }
  }
  if (image?.largePages === undefined) return undefined
  const runs = nodes.find(({ board }) => {
    const firmware = boards[board ?? '']?.firmware
    return typeof firmware === 'object' && firmware.pageSizes.includes('16k')
  })
  const help =
    'put `kernel=kernel8.img` into config.txt of the base image, whose kernel for this board has such pages; or use images whose programs are linked for larger ones'
  return runs && { place: runs.origin(['board']), help }
}

/** L0070: programs of the payload that the kernel of a node cannot load. Nothing is read where no node has such a kernel. */
export const checkPageSize = async (
  host: Host,
  store: Pick<InputStore, 'path'>,
  cache: string,
  lock: Pick<Lock, 'k3s' | 'images'> & { readonly base: Pick<Lock['base'], 'image'> },
  { checked, recipes }: { readonly checked: CheckedProfile; readonly recipes: Pick<Recipes, 'boards'> },
): Promise<readonly Diagnostic[]> => {
  const asked = largePagesOf(checked, recipes, lock.base.image)
  if (asked === undefined) return []
  const found = await withWorkFolder(host, cache, 'pages', (folder) =>
    unfitBinaries(host, store, folder, lock, 'arm64', largePages),
  )
  return found.length === 0
    ? []
    : [
        {
          code: 'L0070',
          severity: 'error',
          message: `a kernel with pages of 16 KiB cannot load ${describe(found)}`,
          range: checked.tree.locate(asked.place),
          help: asked.help,
        },
      ]
}
