import type { Terminal } from './terminal.ts'

/** Parsed flags, one type per command: `run(host, options)` in src/cli/commands/<command>.ts returns the exit code. */
export interface CommonOptions {
  readonly terminal: Terminal
  readonly format: 'text' | 'json'
  readonly verbose: boolean
}

export interface ProfileOptions extends CommonOptions {
  /** Path of the profile as the user gave it. */
  readonly profile: string
  /** Warnings end the command as errors do. */
  readonly strict: boolean
  /** A secret that stands in the profile is a warning. */
  readonly allowLiteralSecrets: boolean
}

export type ValidateOptions = ProfileOptions

export interface InitOptions extends CommonOptions {
  /** Directory for the new profile; made when missing. */
  readonly directory: string
}

export interface ExplainOptions extends CommonOptions {
  /** A code such as P0107 or a profile path such as nodes.board. */
  readonly subject: string
}

export interface LockOptions extends ProfileOptions {
  /** Folder or URL in the layout of a k3s release; undefined: the upstream release address. */
  readonly artifacts: string | undefined
  /** List pinned packages that have newer security versions, change nothing. */
  readonly check: boolean
  /** Copy every input there. */
  readonly exportDirectory: string | undefined
}

export interface PlanOptions extends ProfileOptions {
  /** Only this node; undefined: all. */
  readonly node: string | undefined
}

export interface RenderOptions extends ProfileOptions {
  readonly node: string
  /** Name of the one document that is wanted; undefined: all. */
  readonly document: string | undefined
  /** Folder to write them to instead of stdout. */
  readonly output: string | undefined
}

export interface BuildOptions extends ProfileOptions {
  readonly artifacts: string | undefined
  /** Output folder, `out` by default; images go to <output>/<cluster>/. */
  readonly output: string
  readonly node: string | undefined
  readonly offline: boolean
  /** Make a new cluster under the old name, and keep the old state beside the new one. */
  readonly newCluster: boolean
}

export interface ReplaceOptions extends Omit<BuildOptions, 'newCluster'> {
  readonly node: string
  /** A copy of the datastore that the lost server had. */
  readonly backup: string | undefined
  /** Begin without anything that the cluster knew. */
  readonly newDatastore: boolean
}

export interface PkiRenewOptions extends ProfileOptions {
  readonly all: boolean
  /** Names of certificates, as `pki show` lists them. */
  readonly names: readonly string[]
}

export interface PkiRotateOptions extends ProfileOptions {
  readonly yes: boolean
}

export interface PkiExportOptions extends ProfileOptions {
  /** Folder for the tls tree. */
  readonly to: string | undefined
  /** File for the whole state. */
  readonly state: string | undefined
  readonly recipients: readonly string[]
}

export interface PkiImportOptions extends ProfileOptions {
  readonly from: string | undefined
  readonly tokenFile: string | undefined
  readonly agentTokenFile: string | undefined
  readonly state: string | undefined
  readonly replace: boolean
}

export interface BundleOptions extends ProfileOptions {
  readonly artifacts: string | undefined
  /** File to write; undefined: `<cluster>-<architecture>.bundle.tar` here. */
  readonly file: string | undefined
  /** For the architecture of this node, or for this one; undefined: for every one in use. */
  readonly node: string | undefined
  readonly architecture: string | undefined
}

export interface InspectOptions extends CommonOptions {
  readonly image: string
}

export interface TestOptions extends Omit<ProfileOptions, 'format'> {
  readonly format: 'text' | 'json' | 'junit'
  readonly artifacts: string | undefined
  readonly output: string
  readonly node: string | undefined
  readonly accel: 'auto' | 'kvm' | 'tcg'
}
