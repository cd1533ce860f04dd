import type { Readable } from 'node:stream'
import type { Host } from '../host/host.ts'

/**
 * sqfstar gives `/` mode 0777 unless told. Data stays as it is (`-noD -noF`): image archives and the k3s binary are
 * compressed already, and the node reads them faster so. Two processors, always: their number must not change a byte.
 */
export const sqfstarArgv = (image: string, epoch: number): readonly string[] => [
  'sqfstar',
  '-quiet',
  '-no-progress',
  '-exit-on-error',
  ...['-comp', 'zstd'],
  '-noD',
  '-noF',
  ...['-mkfs-time', String(epoch), '-all-time', String(epoch), '-root-time', String(epoch)],
  ...['-root-mode', '0755', '-root-uid', '0', '-root-gid', '0', '-all-root'],
  ...['-processors', '2', '-mem', '256M'],
  image,
]

/** Makes a squashfs from a tar stream. Needs no root and no copy of the content. */
export const makeSquashfs = async (
  host: Host,
  image: string,
  tar: Readable,
  epoch: number,
): Promise<void> => {
  await host.exec(sqfstarArgv(image, epoch), { stdinStream: tar, doing: 'pack the payload' })
}
