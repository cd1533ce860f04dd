import type { ResolvedInterface } from '../../resolve/resolved-profile.ts'

/**
 * What a front end sets up on a node at its first start, before it is written in that front end's language: cloud-config for
 * cloud-init, JSON for Ignition. Nothing secret: both keep what they were told, and documents lie in the clear. Whatever a
 * node needs beyond it (its name and network on our own base, keys, tokens) is placed from the seed by the first-boot service.
 */

export interface ProvisionedGroup {
  readonly name: string
  /** Its number is one of those for services. */
  readonly system: boolean
}

/** Nobody has a password. */
export interface ProvisionedUser {
  readonly name: string
  /** In the form of authorized_keys. */
  readonly sshKeys: readonly string[]
  readonly groups: readonly string[]
  readonly shell: string
  /** What may be done as whom, as in sudoers(5) behind the name; null: nothing. */
  readonly sudo: string | null
}

export interface ProvisionedDirectory {
  /** Absolute. */
  readonly path: string
  readonly mode: number
}

/** Of root's. An existing one is replaced, so that a start that was cut off repeats. */
export interface ProvisionedFile {
  /** Absolute. */
  readonly path: string
  readonly mode: number
  readonly text: string
}

export interface ProvisionedLink {
  /** Absolute. */
  readonly path: string
  readonly target: string
}

export interface ProvisionedUnit {
  readonly name: string
  /** Null: the base has it. */
  readonly text: string | null
  readonly state: 'enabled' | 'disabled' | 'masked' | 'as-it-is'
}

/** Words of the kernel's command line. */
export interface ProvisionedKernelArguments {
  readonly present: readonly string[]
  readonly absent: readonly string[]
}

export interface Provisioning {
  /** Null: placed from the seed. */
  readonly hostname: string | null
  /** Null: placed from the seed. */
  readonly network: readonly ResolvedInterface[] | null
  /** None on bases with Ignition so far. cloud-init has no key for them: they are written where the base's firmware reads them (base-image-plan.ts). */
  readonly kernelArguments: ProvisionedKernelArguments
  /**
   * Of the file system that the base itself brings. Partitions are none of a front end's: a node makes `data` at its first
   * start and grows it at any later one, file system first and table last, so that a power cut leaves nothing half made.
   */
  readonly rootSize: 'kept' | 'as-it-is'
  /** Of the time zone database, such as `Europe/Berlin`. */
  readonly timezone: string
  readonly groups: readonly ProvisionedGroup[]
  readonly users: readonly ProvisionedUser[]
  readonly directories: readonly ProvisionedDirectory[]
  readonly files: readonly ProvisionedFile[]
  readonly links: readonly ProvisionedLink[]
  readonly units: readonly ProvisionedUnit[]
  /** Programs with their arguments, run once at the end. Ignition has none: it does its work before the system starts. */
  readonly commands: readonly (readonly string[])[]
}
