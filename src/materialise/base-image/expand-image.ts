import { dirname } from 'node:path'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import { humanSize } from '../../diagnostics/text-table.ts'
import type { Host } from '../../host/host.ts'
import type { BaseImagePlan } from '../../plan/build-plan.ts'
import { declaredBytes } from './image-size.ts'
import { parseQcow2Header, qcow2HeaderBytes } from './qcow2-header.ts'
import { unusableImage } from './unusable-image.ts'

/** A base of an operating system: the largest that is known, of Ubuntu desktops, is a tenth of it. */
const mostDiskBytes = 64 * 1024 ** 3

/** The file of an image, and what it is called in messages. */
export interface ImageFile {
  readonly name: string
  readonly path: string
  readonly form: BaseImagePlan['form']
}

const tooLarge = (name: string, what: string): EnvironmentFault =>
  unusableImage('L0075', `${name} ${what}`, 'use an image of a smaller disk: nothing of a base grows')

const damaged = (name: string, how: string): EnvironmentFault =>
  unusableImage(
    'L0074',
    `${name} is cut short or damaged: ${how}`,
    'get the file again, and add its `sha256` to the profile',
  )

interface Expansion {
  readonly target: string
  /** Bytes that the disk may have. */
  readonly most: number
}

/** Before a byte is written: how much it will be at most. */
const checkSize = async (
  host: Host,
  name: string,
  diskBytes: number,
  { target, most }: Expansion,
): Promise<void> => {
  if (diskBytes > most)
    throw tooLarge(name, `declares a disk of ${humanSize(diskBytes)}, and ${humanSize(most)} is the most`)
  const free = await host.files.freeBytes(dirname(target))
  if (free >= diskBytes) return
  throw new EnvironmentFault(
    `${dirname(target)} has ${humanSize(free)} free; the disk in ${name} takes up to ${humanSize(diskBytes)}`,
    'free space there, or set APPLIANCE_CACHE to a folder with more',
  )
}

const expandQcow2 = async (host: Host, { name, path }: ImageFile, to: Expansion): Promise<void> => {
  const header = parseQcow2Header(await host.files.readRange(path, 0, qcow2HeaderBytes))
  if (header === undefined) throw damaged(name, 'its header is none of version 2 or 3')
  if (header.lack !== null) {
    throw unusableImage(
      'L0073',
      `${name} ${header.lack}`,
      'make it whole where it was made: qemu-img convert -O qcow2 <image> whole.qcow2',
    )
  }
  await checkSize(host, name, header.diskBytes, to)
  const { stdout, exitCode } = await host.exec(
    ['qemu-img', 'check', '--output=json', '-f', 'qcow2', path],
    // 2: corrupt, 3: clusters that nobody uses, which costs space alone
    { doing: `check ${name}`, okCodes: [0, 1, 2, 3] },
  )
  if (exitCode === 1 || exitCode === 2) {
    const lost = /"corruptions": (\d+)/.exec(stdout)?.[1]
    throw damaged(name, lost === undefined ? 'it cannot be read' : `${lost} of its clusters are not there`)
  }
  await host.exec(['qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', path, to.target], {
    doing: `read the disk in ${name}`,
  })
}

const unpackers = {
  xz: ['xz', '-dc', '-T2'],
  zst: ['zstd', '-dcq', '--sparse'],
  gz: ['gzip', '-dc'],
} as const

const expandPacked = async (
  host: Host,
  { name, path }: ImageFile,
  form: keyof typeof unpackers,
  to: Expansion,
): Promise<void> => {
  const { target, most } = to
  const declared = await declaredBytes(host, path, form)
  if (declared !== undefined) await checkSize(host, name, declared, to)
  const free = await host.files.freeBytes(dirname(target))
  const limit = Math.min(declared ?? most, free, most)
  // The kernel ends whatever writes beyond the limit: setrlimit(2), RLIMIT_FSIZE.
  const { exitCode, stderr } = await host.exec(
    ['prlimit', `--fsize=${limit}`, '--', ...unpackers[form], path],
    { doing: `unpack ${name}`, stdoutFile: target, okCodes: [-1, 0, 1, 2] },
  )
  host.signal.throwIfAborted()
  const written = (await host.files.stat(target))?.sizeBytes ?? 0
  if (exitCode === 0 && (declared === undefined || written === declared)) {
    // gzip leaves no holes.
    if (form === 'gz') await host.exec(['fallocate', '--dig-holes', target], { doing: 'free what is zero' })
    return
  }
  await host.files.remove(target)
  // Programs name the file by its place in the store.
  const said = stderr
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^\S*: \S*\/store\/\S+: /, '')
  if (exitCode !== -1) throw damaged(name, said ?? 'it cannot be unpacked')
  if (declared === undefined && limit === free) {
    throw new EnvironmentFault(
      `${dirname(target)} has ${humanSize(free)} free, and the disk in ${name} takes more`,
      'free space there, or set APPLIANCE_CACHE to a folder with more',
    )
  }
  throw tooLarge(
    name,
    declared === undefined
      ? `goes on after ${humanSize(limit)}`
      : `declares a disk of ${declared} bytes and goes on after them`,
  )
}

/** Makes the raw disk of an image at `target`, with holes where it is zero. Throws at what is not a whole disk. */
export const expandImage = async (
  host: Host,
  file: ImageFile,
  target: string,
  most = mostDiskBytes,
): Promise<void> => {
  const { form, path } = file
  const to = { target, most }
  if (form === 'qcow2') return expandQcow2(host, file, to)
  if (form !== 'raw') return expandPacked(host, file, form, to)
  const size = (await host.files.stat(path))?.sizeBytes ?? 0
  await checkSize(host, file.name, size, to)
  await host.files.copy(path, target)
}
