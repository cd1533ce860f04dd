import type { Architecture } from '../resolve/pins.ts'

/** `images/boards/<name>.yaml`: a new board is a new file, not code. */
export interface BoardRecipe {
  readonly name: string
  readonly title: string
  readonly architecture: Architecture
  readonly firmware: 'uefi' | RaspberryPiFirmware
  /** Names on the kernel command line, after what the base needs. */
  readonly kernelArguments: readonly string[]
  /** What it runs from where the profile does not say; absent: an SSD. */
  readonly medium?: 'sd' | 'emmc' | 'nvme' | 'ssd' | 'usb'
  /** Kernel module of its watchdog; absent: which one it has is not known, and none is used unless it is asked for. */
  readonly watchdog?: string
  /** Packages with the firmware of its radio, where a node joins a wireless network. */
  readonly wirelessPackages: readonly string[]
  /** How QEMU plays this board. */
  readonly qemu: {
    readonly machine: 'virt' | 'q35' | 'raspi3b'
    readonly cpu: string
    /** QEMU takes the part of the firmware: it starts kernel, initrd and command line of the boot partition itself. */
    readonly direct?: {
      /** File name of a device tree on the boot partition; absent: the machine describes itself. */
      readonly deviceTree?: string
      /** Arguments that the machine needs beyond those of the image. */
      readonly kernelArguments: readonly string[]
    }
  }
}

/** Of the base's release, of its backports, or in packages of the user's. */
export type KernelSource = 'stable' | 'backports' | 'given'
export type PageSize = '4k' | '16k'
/** `pi5`: on the board's own connector; `poe`, `poe-plus`: of the vendor's HATs; `gpio`: switched by a pin. */
export type FanKind = 'pi5' | 'poe' | 'poe-plus' | 'gpio'

/** A Raspberry Pi reads its firmware from the boot partition, then kernel, initrd and device tree. */
export interface RaspberryPiFirmware {
  /** Debian package and the folder in it that hold the firmware: `raspi-firmware`, `usr/lib/raspi-firmware`. */
  readonly package: string
  readonly folder: string
  readonly files: readonly string[]
  /** One for each model; file names as the kernel's own tree has them, and as the vendor's kernel has them where they differ. */
  readonly deviceTrees: readonly {
    readonly model: string
    readonly file: string
    readonly vendorFile?: string
    /** The most that the model comes with. */
    readonly memoryMib?: number
    /** Argument of `console=`, where its serial pins are another port's than those of the board's other models. */
    readonly console?: string
    /** Kernels with a device tree for it; absent: all that drive the board. `lock` looks what the packages hold. */
    readonly kernels?: readonly KernelSource[]
  }[]
  /** Read beside `files` where the graphics processor has only 16 MiB: firmware without codecs. */
  readonly cutDownFiles?: readonly string[]
  /** `key=value` lines of config.txt, beside those that name kernel and initrd. */
  readonly config: readonly string[]
  /** Kernels that drive it. */
  readonly kernels: readonly KernelSource[]
  /** Lines of config.txt that go with device trees of the kernel's own tree. */
  readonly upstreamConfig: readonly string[]
  /** Argument of `console=`, the same for the vendor's kernel, and what switches it on in config.txt. */
  readonly serial: {
    readonly console: string
    readonly vendorConsole: string
    readonly config: readonly string[]
  }
  /** Sizes of memory pages that the processor knows (ID_AA64MMFR0_EL1.TGran4, TGran16). */
  readonly pageSizes: readonly PageSize[]
  /** Settings of `pi` that not every board has. */
  readonly settings: readonly ('gpuMemory' | 'usbBoot')[]
  readonly fans: readonly FanKind[]
}

interface Suite {
  readonly archive: string
  readonly suite: string
  readonly components: readonly string[]
}

/** What sets up people and files of the user's at the first start of a node. */
export type FrontEnd = 'cloud-init' | 'ignition'

interface FrontEndRecipe {
  readonly packages: readonly string[]
  readonly enableUnits: readonly string[]
}

/** `images/bases/<name>.yaml`. */
export interface BaseRecipe {
  readonly name: string
  readonly title: string
  readonly suites: readonly Suite[]
  /** For firmware on the boot partition, and for that of radios, which alone is installed in the root. */
  readonly firmwareSuites: readonly Suite[]
  /** Archive key to URL. */
  readonly archives: Readonly<Record<string, string>>
  readonly keyring: string
  /** Packages for every board; then by architecture. */
  readonly packages: readonly string[]
  readonly packagesByArchitecture: Readonly<Partial<Record<Architecture, readonly string[]>>>
  /** Beside `packages` and `enableUnits`, by what the profile provisions with. */
  readonly frontEnds: Readonly<Record<FrontEnd, FrontEndRecipe>>
  /** Further packages where a node joins a wireless network. */
  readonly wirelessPackages: readonly string[]
  /** Package of the kernel by the size of its memory pages. */
  readonly kernels: Readonly<Partial<Record<Architecture, Readonly<Partial<Record<PageSize, string>>>>>>
  /** Where newer kernels come from. */
  readonly kernelSuites: readonly Suite[]
  /** Packages of the building machine's architecture whose programs run natively in a foreign root. */
  readonly tools: readonly string[]
  readonly enableUnits: readonly string[]
  readonly maskUnits: readonly string[]
  readonly initrdModules: readonly string[]
  /** Whether the base has a policy under which k3s may start containers; without it there is none. */
  readonly selinux?: boolean
}
