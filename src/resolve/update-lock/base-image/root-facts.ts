import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { LockedBaseImage } from '../../base-image/locked-base-image.ts'

/** `KEY=value`, quoted or not (os-release(5)). */
const osReleaseValue = (text: string, key: string): string =>
  new RegExp(`^${key}=(["']?)(.*)\\1$`, 'm').exec(text)?.[2] ?? ''

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

/** `/etc/os-release` is a link to it wherever `/usr` holds it. */
const osReleasePaths = ['/usr/lib/os-release', '/etc/os-release']

export const distributionOf = async (root: FileSystemReader): Promise<LockedBaseImage['distribution']> => {
  for (const path of osReleasePaths) {
    const text = decode(await root.read(path))
    const id = osReleaseValue(text, 'ID')
    if (id !== '') return { id, version: osReleaseValue(text, 'VERSION_ID') }
  }
  return null
}

/** Programs that every system has, with and without a merged /usr; the smallest first. */
const programs = ['/usr/bin/true', '/bin/true', '/usr/bin/dash', '/bin/dash', '/usr/bin/bash', '/bin/bash']

/** ELF e_machine (System V ABI): 3 Intel 80386, 40 ARM, 62 x86-64, 183 AArch64, 243 RISC-V. */
const machines: Readonly<Record<number, string>> = {
  3: 'i386',
  40: 'armhf',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
}

/** What its programs are for, by Debian's words; undefined where none of those is found. */
export const architectureOf = async (root: FileSystemReader): Promise<string | undefined> => {
  for (const path of programs) {
    const start = (await root.read(path))?.subarray(0, 20)
    if (start === undefined || start.length < 20 || start[0] !== 0x7f || start[1] !== 0x45) continue
    const machine = new DataView(start.buffer, start.byteOffset, 20).getUint16(18, true)
    return machines[machine] ?? `machine ${machine}`
  }
  return undefined
}
