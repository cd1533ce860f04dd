import { join } from 'node:path'
import type { Path } from '../../../diagnostics/yaml/yaml-tree.ts'
import type { Host } from '../../../host/host.ts'
import type { LockedKernel } from '../../kernels/locked-kernel.ts'
import { givenArchive, givenFilename } from '../../kernels/locked-kernel.ts'
import { kernelPageSize } from '../../kernels/page-size.ts'
import type { InputStore } from '../../lock-request.ts'
import type { PackagePin } from '../../pins.ts'
import type { PlacedProblem } from '../images/image-problem.ts'
import { readOverlays } from './overlay-table.ts'
import { deviceTreesIn, kernelImageIn, packageContent, releasesIn } from './package-content.ts'

/** A file that the profile names under `base.kernel.packages`. */
export interface GivenPackage {
  readonly name: string
  readonly path: string
}

/** What the user's packages hold: at most one kernel for each page size, and perhaps the firmware. */
export interface GivenKernels {
  readonly kernels: readonly LockedKernel[]
  readonly firmware: readonly PackagePin[]
}

interface ReadPackage {
  readonly at: Path
  readonly path: string
  readonly pin: PackagePin
  readonly content: readonly string[]
}

const problem = (at: Path, message: string, help: string): PlacedProblem => ({
  code: 'L0060',
  message,
  help,
  at,
})

const readPackage = async (
  host: Host,
  store: InputStore,
  { name, path }: GivenPackage,
  at: Path,
): Promise<ReadPackage | PlacedProblem> => {
  if ((await host.files.stat(path))?.isFile !== true)
    return problem(at, `there is no file ${path}`, 'put the package there, or correct the path')
  const { stdout, exitCode } = await host.exec(
    ['dpkg-deb', '--show', '--showformat', '${Package} ${Version} ${Architecture}', path],
    { doing: `read ${path}`, okCodes: [0, 2] },
  )
  const [packageName = '', version = '', architecture = ''] = stdout.split(' ')
  if (exitCode !== 0) return problem(at, `${name} is no Debian package`, 'name a .deb file')
  if (architecture !== 'arm64' && architecture !== 'all') {
    return problem(at, `${name} is for ${architecture}`, 'Raspberry Pis need the package for arm64')
  }
  const { sha256, sizeBytes } = await store.addFile(path)
  const pin: PackagePin = {
    name: packageName,
    version,
    architecture,
    filename: givenFilename(name),
    archive: givenArchive,
    sha256,
    sizeBytes,
  }
  return { at, path, pin, content: await packageContent(host, path) }
}

const describeKernel = async (
  host: Host,
  folder: string,
  release: string,
  parts: readonly ReadPackage[],
): Promise<LockedKernel | PlacedProblem> => {
  const at = parts[0]?.at ?? []
  const help = 'give all packages of the kernel: image, modules, device trees'
  let pages: ReturnType<typeof kernelPageSize>
  let hasImage = false
  let board: LockedKernel['board'] = null
  for (const [index, { path, pin, content }] of parts.entries()) {
    const image = kernelImageIn(content, release)
    const trees = deviceTreesIn(content)
    if (image === undefined && trees === undefined) continue
    const target = join(folder, `${release}-${index}`)
    await host.files.makeDirectory(target)
    await host.exec(['dpkg-deb', '--extract', path, target], { doing: `unpack ${pin.name}` })
    if (image !== undefined) {
      hasImage = true
      pages = kernelPageSize((await host.files.readBytes(join(target, image))) ?? new Uint8Array())
    }
    if (trees !== undefined) {
      try {
        board = {
          package: pin.name,
          ...trees,
          overlays: await readOverlays(host, target, content, trees),
        }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        return problem(
          at,
          `${pin.name} holds a device tree that cannot be read: ${error.message}`,
          'use another one',
        )
      }
    }
    await host.files.remove(target)
  }
  const hasModules = parts.some(({ content }) =>
    content.some((path) => /^(?:usr\/)?lib\/modules\/[^/]+\/kernel\//.test(path)),
  )
  if (!hasImage) return problem(at, `no package holds the kernel ${release} itself`, help)
  if (!hasModules) return problem(at, `no package holds modules of the kernel ${release}`, help)
  if (board === null)
    return problem(at, `no package holds device trees of Raspberry Pis for the kernel ${release}`, help)
  if (pages !== '4k' && pages !== '16k') {
    const what = pages === undefined ? 'is no kernel for arm64' : `has pages of ${pages.replace('k', ' KiB')}`
    return problem(at, `the kernel ${release} ${what}`, 'use one for arm64 with pages of 4 or 16 KiB')
  }
  // The packages' own times are asked for where all others' are.
  return { source: 'given', pages, release, packages: parts.map(({ pin }) => pin), time: 0, board }
}

/** Reads and pins the user's packages of a kernel. */
export const readGivenKernels = async (
  host: Host,
  store: InputStore,
  folder: string,
  packages: readonly GivenPackage[],
  /** Packages that boards take firmware from. */
  firmwareNames: readonly string[],
): Promise<GivenKernels | { readonly problems: readonly PlacedProblem[] }> => {
  const read: ReadPackage[] = []
  const problems: PlacedProblem[] = []
  for (const [index, each] of packages.entries()) {
    const found = await readPackage(host, store, each, ['base', 'kernel', 'packages', index])
    if ('code' in found) problems.push(found)
    else read.push(found)
  }
  const releases = [...new Set(read.flatMap(({ content }) => releasesIn(content)))].toSorted()
  const isOf = ({ content }: ReadPackage, release: string): boolean =>
    releasesIn(content).includes(release) || deviceTreesIn(content)?.folder.includes(release) === true
  const firmware = read.filter(({ pin }) => firmwareNames.includes(pin.name))
  for (const each of read) {
    if (firmware.includes(each) || releases.some((release) => isOf(each, release))) continue
    problems.push(
      problem(
        each.at,
        `${each.pin.name} holds neither a kernel nor firmware that a card of these boards has`,
        'remove it',
      ),
    )
  }
  const kernels: LockedKernel[] = []
  for (const release of releases) {
    const parts = read.filter((each) => isOf(each, release))
    const kernel = await describeKernel(host, folder, release, parts)
    if ('code' in kernel) problems.push(kernel)
    else {
      const twin = kernels.find(({ pages }) => pages === kernel.pages)
      if (twin !== undefined) {
        const message = `${twin.release} and ${release} both have pages of ${kernel.pages.replace('k', ' KiB')}`
        problems.push(problem(parts[0]?.at ?? [], message, 'give one kernel for each page size'))
      }
      kernels.push(kernel)
    }
  }
  if (problems.length > 0) return { problems }
  return { kernels, firmware: firmware.map(({ pin }) => pin) }
}
