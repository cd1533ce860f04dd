import type { BaseRecipe, BoardRecipe, FrontEnd } from '../recipes/recipe.ts'
import type { LockedBaseImage } from './base-image/locked-base-image.ts'
import type { ResolvedFirewall } from './firewall.ts'
import type { ResolvedHardening } from './hardening.ts'
import type { NeededImage } from './images/needed-images.ts'
import type { LockedKernel } from './kernels/locked-kernel.ts'
import type { ResolvedPi } from './pi.ts'
import type { Architecture, ArtifactPin, ImagePin, PackagePin, Role } from './pins.ts'
import type { PkiPlan } from './pki.ts'
import type { ResolvedRegistries } from './registries.ts'
import type { ProfileSecret } from './secret-source.ts'
import type { StateProtection } from './state-protection.ts'
import type { UserDataContent } from './user-data/locked-user-data.ts'
import type { ResolvedWorkloads } from './workloads/resolve-workloads.ts'

/** The profile with every default filled and every input pinned. Nothing in it is optional; the plan is a pure function of it. */
export interface ResolvedProfile {
  readonly cluster: {
    readonly name: string
    /** Host name or address of the API in kubeconfig and joins. */
    readonly endpoint: string
    readonly vip: ResolvedVip | null
    readonly k3sVersion: string
    readonly datastore: ResolvedDatastore
    readonly disable: readonly string[]
    readonly hardening: ResolvedHardening | null
    /** Other keys of k3s's config.yaml, as the user wrote them; a SecretValue in the place of each secret. */
    readonly config: Readonly<Record<string, unknown>>
    readonly agentConfig: Readonly<Record<string, unknown>>
    readonly registries: ResolvedRegistries | null
    /** Files of the ConfigMap `coredns-custom`, by name. */
    readonly coredns: Readonly<Record<string, string>>
    readonly pki: PkiPlan
    readonly stateProtection: StateProtection
  }
  readonly nodes: readonly ResolvedNode[]
  readonly site: {
    readonly timezone: string
    readonly ntp: readonly string[]
    readonly proxy: {
      readonly http: string | ProfileSecret | null
      readonly https: string | ProfileSecret | null
      readonly noProxy: readonly string[]
    } | null
    readonly firewall: ResolvedFirewall | null
  }
  readonly access: {
    readonly users: readonly ResolvedUser[]
    readonly admin: { readonly lifetimeDays: number }
    readonly kubeconfigs: readonly ResolvedKubeconfig[]
  }
  readonly base: ResolvedBase
  readonly provision: FrontEnd
  readonly images: {
    /** Beside k3s's own, for all architectures in use; sorted by name. */
    readonly extra: readonly ResolvedImage[]
    /** Everything that is asked for or carried, by name. */
    readonly needed: readonly NeededImage[]
  } & ResolvedWorkloads
  /** Fragments of the user's for the provisioning, each sound and no two owning one thing. */
  readonly userData: readonly UserDataFragment[]
  readonly outputs: readonly ('raw' | 'zst')[]
  /** Seconds since 1970: when the lock was made. Clock floor of every node. */
  readonly epoch: number
  readonly boards: Readonly<Record<string, BoardRecipe>>
  /** Per architecture in use. */
  readonly inputs: Readonly<Partial<Record<Architecture, ResolvedInputs>>>
}

/** A container image on the nodes of one architecture. */
export interface ResolvedImage {
  /** In full, with a tag. */
  readonly name: string
  readonly architecture: Architecture
  readonly image: ImagePin
  /** Digest (hex) of the index behind the name at its source; null for a single image. */
  readonly index: string | null
  /** Who asks for it: the place in the profile, such as `images.extra[0]`. */
  readonly from: string
  /** True for what comes out of a registry, which has been public to whoever reads it there. */
  readonly pulled: boolean
}

/** Where the cluster keeps its state. */
export type ResolvedDatastore =
  | { readonly kind: 'sqlite' }
  | { readonly kind: 'etcd'; readonly snapshots: ResolvedSnapshots }
  /** A database of the user's own, which every server logs in to. */
  | {
      readonly kind: 'external'
      /** k3s's `datastore-endpoint`, with its password. */
      readonly endpoint: ProfileSecret
      readonly ca: ArtifactPin | null
      readonly client: { readonly certificate: ArtifactPin; readonly key: ProfileSecret } | null
    }

export interface ResolvedSnapshots {
  /** Keys of config.yaml; a SecretValue in the place of each secret. */
  readonly config: Readonly<Record<string, unknown>>
  readonly s3Ca: ArtifactPin | null
}

/** A virtual address of the API, which kube-vip moves between the servers. */
export interface ResolvedVip {
  readonly address: string
  /** On every server; null: the one that the cluster uses. */
  readonly interface: string | null
  readonly image: string
}

export interface ResolvedInputs {
  /** Without a kernel. */
  readonly packages: readonly PackagePin[]
  /** Seconds since 1970: when the newest of them was built; every time stamp of the base. */
  readonly packagesTime: number
  /** Kernels that nodes run, by `ResolvedNode.kernel`. */
  readonly kernels: Readonly<Record<string, LockedKernel>>
  /** Packages that boot partitions take firmware from. */
  readonly firmware: readonly PackagePin[]
  readonly k3s: ArtifactPin
  readonly airgapImages: ArtifactPin
  /** Bytes of that archive when it is unpacked; null: not measured. */
  readonly imagesUnpackedBytes: number | null
  /** Names listed in k3s-images.txt of the release. */
  readonly imageNames: readonly string[]
}

export interface ResolvedNode {
  readonly name: string
  readonly role: Role
  readonly board: string
  readonly architecture: Architecture
  /** Of the interface that the cluster uses. */
  readonly network: ResolvedNetwork
  /** Every interface that is used, that one among them; the radio last. */
  readonly interfaces: readonly ResolvedInterface[]
  /** The wireless network that the radio among them joins. */
  readonly wifi: ResolvedWifi | null
  /** Keys of config.yaml for this node alone, as the user wrote them; a SecretValue in the place of each secret. */
  readonly k3s: Readonly<Record<string, unknown>>
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly string[]
  /** ISO 8601 end, or null for none. */
  readonly bootstrapToken: { readonly expires: string | null } | null
  /** Its kernel, a key of `inputs[architecture].kernels`: `backports-16k`. */
  readonly kernel: string
  /** Null for other boards than Raspberry Pis. */
  readonly pi: ResolvedPi | null
  /** Seconds until the hardware starts the node anew, and the kernel module that it takes, where known; null: it does not. */
  readonly watchdog: { readonly seconds: number; readonly module: string | null } | null
  readonly storage: {
    readonly medium: 'sd' | 'emmc' | 'nvme' | 'ssd' | 'usb'
    readonly sizeBytes: number | null
  }
}

export type ResolvedNetwork =
  | { readonly kind: 'dhcp' }
  | {
      readonly kind: 'static'
      /** CIDR form, IPv4 and IPv6. */
      readonly addresses: readonly string[]
      readonly gateways: readonly string[]
      readonly dns: readonly string[]
    }

export interface ResolvedWifi {
  readonly ssid: string
  readonly psk: ProfileSecret
  /** ISO 3166, two letters. */
  readonly country: string
  readonly hidden: boolean
}

export interface ResolvedInterface {
  /** `wired`: whatever wired interface has a cable, where a node has one network. */
  readonly match:
    | { readonly kind: 'wired' }
    | { readonly kind: 'name'; readonly name: string }
    /** Lower case. */
    | { readonly kind: 'mac'; readonly mac: string }
    /** Whatever radio the node has. */
    | { readonly kind: 'radio' }
  readonly cluster: boolean
  readonly network: ResolvedNetwork
  /** Whether DHCP's gateway is taken. */
  readonly takesGateway: boolean
}

export interface ResolvedUser {
  readonly name: string
  readonly sshKeys: readonly string[]
  readonly sudo: boolean
}

export interface ResolvedKubeconfig {
  readonly name: string
  readonly groups: readonly string[]
  /** A ClusterRole to bind to the groups, or to the user when there are none. */
  readonly role: string | null
  readonly lifetimeDays: number
}

export interface ResolvedBase {
  readonly recipe: BaseRecipe
  /** The user's packages beyond the recipe's. */
  readonly packages: readonly string[]
  /** For the building machine, by its architecture. */
  readonly tools: readonly PackagePin[]
  /** The user's own disk image instead of all of it; null: the base is made here. */
  readonly image: LockedBaseImage | null
}

/** One file of `userData`. */
export type UserDataFragment = UserDataContent & { readonly file: string }
