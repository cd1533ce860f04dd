import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { LockReader } from '../workloads/lock-section.ts'
import type { CloudConfig } from './cloud-config-schema.ts'

/** One file of `userData` as it was when the lock was made. Its content is part of the lock: it holds nothing secret. */
export interface LockedUserData {
  /** As the profile names it. */
  readonly file: string
  /** Of the file: tells when it is another one. */
  readonly sha256: string
  readonly config: CloudConfig
}

/** As JSON in one line: nobody edits it, and no reader of YAML changes what a text of the user's says. */
export const printUserData = (fragments: readonly LockedUserData[]) =>
  fragments.map(({ file, sha256, config }) => ({ file, sha256, config: JSON.stringify(config) }))

const parseConfig = (text: string): CloudConfig | undefined => {
  try {
    return JSON.parse(text) as CloudConfig
  } catch {
    return undefined
  }
}

/** Locks of before there was any have none. */
export const readLockedUserData = (read: LockReader): readonly LockedUserData[] => {
  if (!read.has(['userData'])) return []
  return read.list(['userData']).map((_, index) => {
    const at = (key: string): Path => ['userData', index, key]
    return {
      file: read.text(at('file')),
      sha256: read.text(at('sha256')),
      config: read.parsed(at('config'), parseConfig),
    }
  })
}
