import { sha256Hex } from './hash.ts'

/** Names in this namespace stay for ever: a changed one would change the GUIDs of every image. */
const namespace = 'appliance/v1'

/**
 * A UUID that depends on its name alone, in the form of version 8 (RFC 9562: contents are ours to define).
 * `fixedUuid('arm64-uefi/root-a')` is the same on every machine and on every day.
 */
export const fixedUuid = (name: string): string => {
  const hex = sha256Hex(`${namespace}/uuid/${name}`)
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Volume id of a FAT: 8 hex digits, upper case, never 00000000 (which some tools take for "none"). */
export const fixedVolumeId = (name: string): string => {
  const id = sha256Hex(`${namespace}/volume/${name}`).slice(0, 8).toUpperCase()
  return id === '00000000' ? '00000001' : id
}
