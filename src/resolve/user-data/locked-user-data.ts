import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { LockReader } from '../workloads/lock-section.ts'
import type { CloudConfig } from './cloud-config-schema.ts'
import type { IgnitionFragmentConfig } from './ignition-schema.ts'

/** What a file of `userData` says, in the language of the front end that `provision` names. */
export type UserDataContent =
  | { readonly kind: 'cloud-config'; readonly config: CloudConfig }
  | { readonly kind: 'ignition'; readonly config: IgnitionFragmentConfig }

/** One file of `userData` as it was when the lock was made. Its content is part of the lock: it holds nothing secret. */
export type LockedUserData = UserDataContent & {
  /** As the profile names it. */
  readonly file: string
  /** Of the file: tells when it is another one. */
  readonly sha256: string
}

/** The key of the lock under which the content stands: `config` was there before there was Ignition. */
const keys = { 'cloud-config': 'config', ignition: 'ignition' } as const

/** As JSON in one line: nobody edits it, and no reader of YAML changes what a text of the user's says. */
export const printUserData = (fragments: readonly LockedUserData[]) =>
  fragments.map(({ kind, file, sha256, config }) => ({ file, sha256, [keys[kind]]: JSON.stringify(config) }))

const parseConfig = <T>(text: string): T | undefined => {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

/** Locks of before there was any have none. */
export const readLockedUserData = (read: LockReader): readonly LockedUserData[] => {
  if (!read.has(['userData'])) return []
  return read.list(['userData']).map((_, index): LockedUserData => {
    const at = (key: string): Path => ['userData', index, key]
    const source = { file: read.text(at('file')), sha256: read.text(at('sha256')) }
    return read.has(at('ignition'))
      ? {
          kind: 'ignition',
          ...source,
          config: read.parsed<IgnitionFragmentConfig>(at('ignition'), parseConfig),
        }
      : { kind: 'cloud-config', ...source, config: read.parsed<CloudConfig>(at('config'), parseConfig) }
  })
}
