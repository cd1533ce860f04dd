/** Whose something is, as the end of a sentence (`k3s's own state`), and where the user says what he wants of it. */
export interface Owner {
  readonly by: string
  readonly instead: string
}

/**
 * `touched`: modes, owners, times; `added`: what is there stays, or is changed line by line; `removed`: with all that is below;
 * `covered`: the same, by what is mounted over it.
 */
export type Change = 'touched' | 'added' | 'replaced' | 'covered' | 'removed'

/** A file or a folder that is not the user's, with all that is below it. */
export interface KeptPlace extends Owner {
  readonly folder: string
  /** Changes that do no harm; none where it is absent. */
  readonly bears?: readonly Change[]
  /** Files come and go there as people like; gone as a whole it is missed. */
  readonly onlyWithFolder?: true
}

/**
 * What a node lives by beside what is the same on every base (owned-paths.ts): asked by files, by commands and by what units run
 * alike. Before the base is known nothing is in it, and what is found then is found on every base.
 */
export interface Kept {
  readonly places: readonly KeptPlace[]
  /** Units of the base that a node is reached, brought up and kept in time by: their drop-ins are the user's. */
  readonly units: readonly string[]
  /** Services that put a whole set of rules of their own in the place of k3s's. */
  readonly ruleLoaders: readonly string[]
  /** Files of the base with such a set, for nft(8). */
  readonly ruleFiles: readonly string[]
  /** Modules of the kernel that it loads itself. */
  readonly modules: readonly string[]
  /** People of the profile. */
  readonly users: readonly string[]
  /** The name that the places above have, for a path that leads there through another folder. */
  readonly reachedAs: (path: string) => string
}

export const everyBase: Kept = {
  places: [],
  units: [],
  ruleLoaders: ['firewalld.service', 'ufw.service'],
  ruleFiles: [],
  modules: ['br_netfilter', 'nf_conntrack', 'nf_tables', 'overlay', 'vxlan'],
  users: [],
  reachedAs: (path) => path,
}

/** What breaks the node, as what follows its subject (`stops ...`), and the next step. */
export interface Harm {
  readonly what: string
  readonly help: string
}
