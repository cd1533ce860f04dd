import type { PackagePin } from './pins.ts'

/**
 * A package as one line of the lock: `name version architecture archive size sha256 filename`.
 * `bash 5.2.37-2+b5 arm64 debian 1498948 9f… pool/main/b/bash/bash_5.2.37-2+b5_arm64.deb`
 */
export const printPackageLine = (pin: PackagePin): string =>
  [
    pin.name,
    pin.version,
    pin.architecture,
    pin.archive,
    String(pin.sizeBytes),
    pin.sha256,
    pin.filename,
  ].join(' ')

export const parsePackageLine = (line: unknown): PackagePin | undefined => {
  if (typeof line !== 'string') return undefined
  const [name = '', version = '', architecture, archive = '', size = '', sha256 = '', filename = ''] =
    line.split(' ')
  if (architecture !== 'arm64' && architecture !== 'amd64' && architecture !== 'all') return undefined
  if (name === '' || archive === '' || filename === '' || filename.split('/').includes('..')) return undefined
  if (!/^[0-9a-f]{64}$/.test(sha256) || !/^\d{1,15}$/.test(size)) return undefined
  return { name, version, architecture, filename, archive, sha256, sizeBytes: Number(size) }
}
