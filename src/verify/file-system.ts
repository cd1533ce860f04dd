import type { Host } from '../host/host.ts'

const fileSystems = [
  { name: 'squashfs', offset: 0, magic: 'hsqs' },
  { name: 'fat32', offset: 82, magic: 'FAT32   ' },
  { name: 'fat16', offset: 54, magic: 'FAT16   ' },
  { name: 'fat12', offset: 54, magic: 'FAT12   ' },
  { name: 'ext4', offset: 1080, magic: '\x53\xef' },
  { name: 'xfs', offset: 0, magic: 'XFSB' },
  { name: 'btrfs', offset: 65_600, magic: '_BHRfS_M' },
] as const

const textAt = async (host: Host, image: string, offset: number, length: number): Promise<string> =>
  new TextDecoder('latin1').decode(await host.files.readRange(image, offset, length))

/** What lies in a partition, by its first bytes. */
export const fileSystemOf = async (
  host: Host,
  image: string,
  { offset }: { readonly offset: number },
): Promise<string> => {
  for (const { name, offset: at, magic } of fileSystems) {
    if ((await textAt(host, image, offset + at, magic.length)) === magic) return name
  }
  return 'none known'
}

/** Label of a FAT16, which a seed is. */
export const fatLabel = async (
  host: Host,
  image: string,
  { offset }: { readonly offset: number },
): Promise<string> => (await textAt(host, image, offset + 43, 11)).trimEnd()
