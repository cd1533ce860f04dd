import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Host } from '../host/host.ts'
import { withWorkFolder } from '../materialise/work-folder.ts'
import type { CheckedProfile } from '../profile/validate.ts'
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

/** L0070: programs of the payload that the kernel of a node cannot load. Nothing is read where no node has such a kernel. */
export const checkPageSize = async (
  host: Host,
  store: Pick<InputStore, 'path'>,
  cache: string,
  lock: Pick<Lock, 'k3s' | 'images'>,
  { nodes, tree }: Pick<CheckedProfile, 'nodes' | 'tree'>,
): Promise<readonly Diagnostic[]> => {
  const node = nodes.find(({ pi }) => pi?.kernel === '16k')
  if (node === undefined) return []
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
          range: tree.locate(node.origin(['pi', 'kernel'])),
          help: 'use `kernel: 4k`, or images whose programs are linked for larger pages',
        },
      ]
}
