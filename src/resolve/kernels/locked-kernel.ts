import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { KernelSource, PageSize } from '../../recipes/recipe.ts'
import { printPackageLine } from '../package-line.ts'
import type { PackagePin } from '../pins.ts'

/** What a Raspberry Pi finds in the packages of a kernel. */
export interface BoardFiles {
  /** Name of the package with the device trees, and their folder in it: `usr/lib/linux-image-6.12.118+deb13-arm64/broadcom`. */
  readonly package: string
  readonly folder: string
  /** Names of the Raspberry Pis' own: `bcm2711-rpi-4-b.dtb`. */
  readonly deviceTrees: readonly string[]
  /** Only the vendor's kernels have them. */
  readonly overlays: KernelOverlays | null
}

export interface KernelOverlays {
  readonly folder: string
  /** Further files there that the firmware reads. */
  readonly maps: readonly string[]
  /** Names of overlays with those of their parameters. */
  readonly byName: Readonly<Record<string, readonly string[]>>
  /** Parameters of the device trees themselves, by the name of the file. */
  readonly parameters: Readonly<Record<string, readonly string[]>>
}

/** One kernel that nodes run, with what its packages hold. */
export interface LockedKernel {
  readonly source: KernelSource
  readonly pages: PageSize
  /** `6.12.118+deb13-arm64` */
  readonly release: string
  /** Of Debian: the kernel and what it depends on, beyond the packages of the base. Of the user: files alone, never configured. */
  readonly packages: readonly PackagePin[]
  /** When the newest of them was built, seconds since 1970. */
  readonly time: number
  /** Null where no node of it is a Raspberry Pi. */
  readonly board: BoardFiles | null
}

/** The user's own packages have no archive. */
export const givenArchive = 'profile'

/** `./vendor/linux image.deb` -> `linux%20image.deb`: a line of the lock has no spaces in a name. */
export const givenFilename = (path: string): string =>
  encodeURIComponent(path.slice(path.lastIndexOf('/') + 1))

const wordLines = (table: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.entries(table).map(([name, words]) => [name, ...words].join(' '))

/** As it stands in the lock; overlays and parameters one a line, the name first. */
export const printKernel = ({ source, pages, release, packages, time, board }: LockedKernel) => ({
  source,
  pages,
  release,
  time,
  packages: packages.map(printPackageLine),
  ...(board === null
    ? {}
    : {
        package: board.package,
        folder: board.folder,
        deviceTrees: board.deviceTrees,
        ...(board.overlays === null
          ? {}
          : {
              overlayFolder: board.overlays.folder,
              overlayMaps: board.overlays.maps,
              overlays: wordLines(board.overlays.byName),
              parameters: wordLines(board.overlays.parameters),
            }),
      }),
})

interface KernelReader {
  readonly has: (path: Path) => boolean
  readonly text: (path: Path) => string
  readonly texts: (path: Path) => readonly string[]
  readonly list: (path: Path) => readonly unknown[]
  readonly natural: (path: Path) => number
  readonly choice: <T extends string>(path: Path, choices: readonly T[]) => T
  readonly packages: (path: Path) => readonly PackagePin[]
}

const readWordLines = (lines: readonly string[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...words] = line.split(' ')
      return [name, words]
    }),
  )

/** Throws what the reader throws at what `lock` does not write. */
export const readKernel = (read: KernelReader, path: Path): LockedKernel => {
  const at = (key: string): Path => [...path, key]
  return {
    source: read.choice(at('source'), ['stable', 'backports', 'given']),
    pages: read.choice(at('pages'), ['4k', '16k']),
    release: read.text(at('release')),
    packages: read.packages(at('packages')),
    time: read.natural(at('time')),
    board: read.has(at('package'))
      ? {
          package: read.text(at('package')),
          folder: read.text(at('folder')),
          deviceTrees: read.texts(at('deviceTrees')),
          overlays: read.has(at('overlayFolder'))
            ? {
                folder: read.text(at('overlayFolder')),
                maps: read.texts(at('overlayMaps')),
                byName: readWordLines(read.texts(at('overlays'))),
                parameters: readWordLines(read.texts(at('parameters'))),
              }
            : null,
        }
      : null,
  }
}
