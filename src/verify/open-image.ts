import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'

/** A raw image to read from; a compressed one is unpacked first. */
export interface OpenedImage {
  readonly path: string
  readonly sizeBytes: number
  readonly compressed: boolean
}

const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** Forms of base images (`base.image`), by their first bytes, and what makes a raw disk of each. */
const packed = [
  { magic: Buffer.from('QFI\xfb', 'latin1'), form: 'qcow2', unpack: 'qemu-img convert -O raw' },
  { magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58]), form: 'xz', unpack: 'xz -dk' },
  { magic: Buffer.from([0x1f, 0x8b]), form: 'gzip', unpack: 'gzip -dk' },
] as const

const refuse = (message: string): EnvironmentFault =>
  new EnvironmentFault(message, 'name an image that `appliance build` made: <node>.img or <node>.img.zst')

/** Finds out by content, not by name, what a file is. */
export const openImage = async (host: Host, path: string): Promise<OpenedImage> => {
  const stat = await host.files.stat(path)
  if (stat === undefined) throw refuse(`${path} does not exist`)
  if (stat.isDirectory) throw refuse(`${path} is a folder`)
  const start = await host.files.readRange(path, 0, 4)
  const form = packed.find(({ magic }) => magic.equals(start.subarray(0, magic.length)))
  if (form !== undefined) {
    throw new EnvironmentFault(
      `${path} is a disk packed as ${form.form}, and what is in it is read from a raw one`,
      `make one of it: ${form.unpack} ${path}${form.form === 'qcow2' ? ' disk.img' : ''}`,
    )
  }
  if (!zstdMagic.equals(start)) return { path, sizeBytes: stat.sizeBytes, compressed: false }
  const folder = await host.files.makeTemporaryDirectory('inspect-')
  const raw = join(folder, 'image')
  const { exitCode } = await host.exec(['zstd', '-q', '-d', '--sparse', path, '-o', raw], {
    doing: `unpack ${path}`,
    okCodes: [0, 1],
  })
  if (exitCode !== 0) throw refuse(`${path} is compressed by zstd, but damaged or cut short`)
  const unpacked = await host.files.stat(raw)
  return { path: raw, sizeBytes: unpacked?.sizeBytes ?? 0, compressed: true }
}
