import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { LockReader } from '../workloads/lock-section.ts'

/**
 * What a base may lack where the profile does not ask for it: programs, `time` for a client of time servers (timesyncd, chrony),
 * `vxlan` for the kernel module.
 */
const optionals = ['nft', 'sshd', 'sudo', 'time', 'vxlan'] as const
export type OptionalSoftware = (typeof optionals)[number]

/** What is in a base beside its front end. Empty where its root cannot be read without mounting. */
export interface BaseSoftware {
  readonly lacks?: readonly OptionalSoftware[]
  /** NetworkManager starts by itself. */
  readonly networkManager?: true
  /** Path of chrony's settings, where chrony starts by itself. */
  readonly chrony?: string
}

/** As it stands in the lock. */
export const printSoftware = ({ lacks, networkManager, chrony }: BaseSoftware): BaseSoftware => ({
  ...(lacks === undefined ? {} : { lacks }),
  ...(networkManager === undefined ? {} : { networkManager }),
  ...(chrony === undefined ? {} : { chrony }),
})

/** Throws what the reader throws at what `lock` does not write. */
export const readSoftware = (read: LockReader, path: Path): BaseSoftware => {
  const at = (key: keyof BaseSoftware): Path => [...path, key]
  return {
    ...(read.has(at('lacks'))
      ? { lacks: read.list(at('lacks')).map((_, index) => read.choice([...at('lacks'), index], optionals)) }
      : {}),
    ...(read.has(at('networkManager')) ? { networkManager: true } : {}),
    ...(read.has(at('chrony')) ? { chrony: read.text(at('chrony')) } : {}),
  }
}
