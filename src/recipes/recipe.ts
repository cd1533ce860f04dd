import type { Architecture } from '../resolve/pins.ts'

/** `images/boards/<name>.yaml`: a new board is a new file, not code. */
export interface BoardRecipe {
  readonly name: string
  readonly title: string
  readonly architecture: Architecture
  readonly firmware: 'uefi'
  /** Names on the kernel command line, after what the base needs. */
  readonly kernelArguments: readonly string[]
  /** How QEMU plays this board. */
  readonly qemu: {
    readonly machine: 'virt' | 'q35'
    readonly cpu: string
  }
}

/** `images/bases/<name>.yaml`. */
export interface BaseRecipe {
  readonly name: string
  readonly title: string
  readonly suites: readonly {
    readonly archive: string
    readonly suite: string
    readonly components: readonly string[]
  }[]
  /** Archive key to URL. */
  readonly archives: Readonly<Record<string, string>>
  readonly keyring: string
  /** Packages for every board; then by architecture. */
  readonly packages: readonly string[]
  readonly packagesByArchitecture: Readonly<Partial<Record<Architecture, readonly string[]>>>
  /** Packages of the building machine's architecture whose programs run natively in a foreign root. */
  readonly tools: readonly string[]
  readonly enableUnits: readonly string[]
  readonly maskUnits: readonly string[]
  readonly initrdModules: readonly string[]
  /** Whether the base has a policy under which k3s may start containers; without it there is none. */
  readonly selinux?: boolean
}
