/**
 * The waist of the program: everything that decides is left of it and does no I/O; everything that acts is right of it
 * and never sees a profile. JSON-safe, canonical, without secrets: it may be saved, diffed and committed.
 * Field order in objects is irrelevant: hashes are taken over `canonicalJson`.
 */

import type { KernelSource, PageSize } from '../recipes/recipe.ts'
import { isExtended } from '../resolve/base-image/extended-partition.ts'
import type { ImageForm } from '../resolve/base-image/image-form.ts'
import type {
  BaseConfiguration,
  BasePartition,
  Renumbering,
} from '../resolve/base-image/locked-base-image.ts'
import type { SeedLabel } from '../resolve/base-image/seed-labels.ts'
import type { NeededImage } from '../resolve/images/needed-images.ts'
import type { Architecture, ArtifactPin, PackagePin, Role } from '../resolve/pins.ts'
import type { AuthoritySource, PkiPlan } from '../resolve/pki.ts'
import type { ProfileSecret, SecretSource } from '../resolve/secret-source.ts'
import type { StateProtection } from '../resolve/state-protection.ts'

export { isExtended } from '../resolve/base-image/extended-partition.ts'
export { seedLabels } from '../resolve/base-image/seed-labels.ts'

export type {
  Architecture,
  ArtifactPin,
  AuthoritySource,
  BaseConfiguration,
  BasePartition,
  NeededImage,
  PackagePin,
  PkiPlan,
  ProfileSecret,
  Renumbering,
  Role,
  SecretSource,
  StateProtection,
}

/** The issuing CAs of a cluster, as paths below k3s's `server/tls` (k3s certificate docs, "Using Custom CA Certificates"). */
export const certificateAuthorities = [
  'server-ca',
  'client-ca',
  'request-header-ca',
  'etcd/server-ca',
  'etcd/peer-ca',
] as const
export type CertificateAuthority = (typeof certificateAuthorities)[number]

/** k3s deploys what lies here, and tells files apart by their names up to the first dot (docs.k3s.io/add-ons/packaged-components). */
export const manifestsFolder = '/var/lib/rancher/k3s/server/manifests'

/**
 * A value that is made once per cluster and kept in its state. The names are the contract with materialise/state:
 * `pki/<ca>.crt|key` with <ca> a CertificateAuthority, `pki/service.key`, `token/server`, `token/agent` and
 * `token/bootstrap/<node>` (with the K10 hash and a newline), `bootstrap-token/<node>.yaml` (the Secret that announces it to
 * Kubernetes), `node-password/<node>` (32 hex and a newline).
 */
export interface StateReference {
  readonly name: string
  /** False for certificates: they may be shown and need no wiping. */
  readonly secret: boolean
}

/**
 * Text with secrets in it; `text`: one word within a line; `json`: as a quoted JSON string, which is a YAML string too;
 * `file`: lines as they are, the last one ended; `wifi-key`: the lines of wpa_supplicant.conf(5) that a passphrase or key of
 * the wireless network of that name takes; `wifi-keyfile`: those of a keyfile of NetworkManager.
 */
export type TextPart =
  | string
  | { readonly secret: ProfileSecret; readonly as: 'text' | 'json' | 'base64' | 'file' | 'wifi-keyfile' }
  | { readonly secret: ProfileSecret; readonly as: 'wifi-key'; readonly ssid: string }

export type FileContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'composed'; readonly parts: readonly TextPart[] }
  | { readonly kind: 'artifact'; readonly artifact: ArtifactPin }
  | { readonly kind: 'state'; readonly reference: StateReference }
  /** Container images in one OCI archive, packed by zstd: made from their blobs, which the store holds. */
  | { readonly kind: 'image-archive'; readonly archive: ImageArchive }
  /** Checksums of a payload's files in sha256sum's form; null for those that are known when the file has been made. */
  | {
      readonly kind: 'sums'
      readonly sums: readonly { readonly path: string; readonly sha256: string | null }[]
    }
  /** A file that the command line names, secret and in no cache: a copy of a datastore (`replace --backup`). */
  | { readonly kind: 'backup'; readonly name: string; readonly sizeBytes: number }
  /** A file that the base build leaves beside the root file system: `vmlinuz`, `initrd.img`, `systemd-boot.efi`. */
  | { readonly kind: 'base'; readonly name: string }
  /** A file out of a Debian package that is not installed for it: firmware, device trees. `path` has no leading slash. */
  | { readonly kind: 'package'; readonly package: PackagePin; readonly path: string }

/** A part of an image: manifest, configuration or layer, from the store. */
export interface ArchivedBlob extends ArtifactPin {
  readonly mediaType: string
  /** False for layers out of a registry, which are public to its readers: they are not searched for secrets. */
  readonly searched: boolean
}

/** A tar in the OCI image layout: documents, then each blob once under `blobs/sha256/`, in this order. */
export interface ImageArchive {
  readonly documents: readonly { readonly path: string; readonly text: string }[]
  readonly blobs: readonly ArchivedBlob[]
}

/** An image of the payload, for people and for checks. */
export interface PlannedImage {
  readonly name: string
  /** `sha256:` and hex: of the manifest, which containerd gives as the image's digest. */
  readonly digest: string
  /** Digest of the index behind the name at its source; null for a single image. */
  readonly index: string | null
  /** Manifest, configuration and layers, as containerd stores them. */
  readonly sizeBytes: number
  /** The place in the profile that asks for it. */
  readonly from: string
}

/** True for what only the node it is planned for may hold. */
export const isSecret = (content: FileContent): boolean =>
  content.kind === 'composed' ||
  content.kind === 'backup' ||
  (content.kind === 'state' && content.reference.secret)

export interface PlannedFile {
  /** Absolute on the node's root, or relative to the file system that holds it (boot, payload, seed). */
  readonly path: string
  /** Permission bits, such as 0o644. FAT has none: the seed's install list carries them. */
  readonly mode: number
  readonly content: FileContent
}

export interface PlannedLink {
  readonly path: string
  readonly target: string
}

/** A root file system with its kernel and initrd; shared by all nodes with equal inputs. */
export interface BasePlan {
  /** sha256 of the canonical JSON of the other fields, without `tools` and `kernel`. */
  readonly id: string
  readonly recipe: string
  readonly architecture: Architecture
  readonly packages: readonly PackagePin[]
  /** Packages of a kernel of the user's, of which the files are laid over those of `packages`; absent: the kernel is among them. */
  readonly kernelPackages?: readonly PackagePin[]
  /** For people: what was chosen. */
  readonly kernel: { readonly source: KernelSource; readonly release: string; readonly pages: PageSize }
  /** Same suite, for the machine that builds: run natively instead of emulated. They change no byte of the result. */
  readonly tools: readonly PackagePin[]
  /** Laid over the unpacked packages before the initrd is made: launcher, units, dracut module, settings. */
  readonly files: readonly PlannedFile[]
  readonly links: readonly PlannedLink[]
  /** Directories to make in the root, such as mount points: path and mode. */
  readonly directories: readonly { readonly path: string; readonly mode: number }[]
  /** systemd units: exactly these are enabled, masked. */
  readonly enableUnits: readonly string[]
  readonly maskUnits: readonly string[]
  /** Kernel modules that the initrd must hold (others are left out of it), from the recipe. */
  readonly initrdModules: readonly string[]
  /** Seconds since 1970 for every time stamp, and a first clock floor: when the newest package was built. From the lock. */
  readonly epoch: number
}

/** A disk of the user's: its partitions stay as they are, payload and seed are added behind them. */
export interface BaseImagePlan {
  /** sha256 of the canonical JSON of the file's hash and form. */
  readonly id: string
  readonly artifact: ArtifactPin
  readonly form: ImageForm
  readonly architecture: Architecture
  /** Of the disk, which the file may hold packed. */
  readonly diskBytes: number
  readonly table: 'gpt' | 'mbr'
  /** With the numbers that they have in images of ours. */
  readonly partitions: readonly BasePartition[]
  readonly renumbered?: Renumbering
  /** Such as `debian 13`, for people. */
  readonly title: string
  readonly configuration: BaseConfiguration
}

/**
 * Where the last partition of a base image ends. What follows is the backup of its table, which moves to the new end. Of an
 * extended partition the first sector is used, where the chain of those in it begins; they themselves are partitions as others.
 */
export const usedBytes = ({ partitions }: Pick<BaseImagePlan, 'partitions'>): number =>
  Math.max(
    0,
    ...partitions.map((partition) => partition.offset + (isExtended(partition) ? 512 : partition.size)),
  )

/** Bytes. The lower bound is proven by the lock; the upper one is an estimate for people. */
export interface SizeBounds {
  readonly lower: number
  readonly upper: number
}

/** k3s, archives, manifests: a read-only squashfs, nothing secret. */
export interface PayloadPlan {
  readonly id: string
  readonly architecture: Architecture
  readonly files: readonly PlannedFile[]
  readonly links: readonly PlannedLink[]
  readonly epoch: number
  /** What its own image archive holds, sorted by name; k3s's archive is apart. */
  readonly images: readonly PlannedImage[]
  /** Bytes that k3s lays on `data` of what is in it: at least, by its first start; at most, when every image has run. */
  readonly onData: SizeBounds
}

/** A FAT boot partition. */
export interface BootPlan {
  readonly id: string
  readonly board: string
  readonly architecture: Architecture
  readonly baseId: string
  readonly files: readonly PlannedFile[]
  /** FAT volume id, 8 hex digits. */
  readonly volumeId: string
  readonly epoch: number
  /** For people: the models that it starts, and those of the board that it does not; null where a board is one model. */
  readonly models: { readonly served: readonly string[]; readonly missing: readonly string[] } | null
}

export type PartitionName = 'boot' | 'root-a' | 'payload' | 'seed'

export interface PlannedPartition {
  readonly name: PartitionName
  /** 1 and up. Of the partitions behind a base image, the payload's is directly before the seed's: nodes find it so. */
  readonly number: number
  /** GPT partition type GUID (Discoverable Partitions Specification); two hex digits on an MBR. */
  readonly typeGuid: string
  /** Empty on an MBR, which has none. */
  readonly partitionGuid: string
}

export interface DiskPlan {
  /**
   * `gpt`: with a protective MBR. `hybrid`: the MBR names boot and root-a too, for firmware that looks there first; both
   * are the same partitions. `mbr`: of a base image; an extended partition to the end of the disk, the base's own where it has
   * one, holds those of ours.
   */
  readonly table: 'gpt' | 'hybrid' | 'mbr'
  /** GUID of a GPT, or eight hex digits of an MBR. */
  readonly diskGuid: string
  /** Those that are ours, in the order of the disk. */
  readonly partitions: readonly PlannedPartition[]
  /** Start of the first partition and of each next one, bytes. */
  readonly alignmentBytes: number
  /** An entry of the table before the payload's, without content: what a base's initrd makes the data partition from. */
  readonly empty?: Omit<PlannedPartition, 'name'> & { readonly name: string }
}

/** Placed by the first-boot service from the seed to the node's own disk. */
export interface InstallEntry {
  /** Absolute path on the running node. */
  readonly target: string
  readonly mode: number
  readonly content: FileContent
}

export interface SeedPlan {
  readonly volumeId: string
  readonly label: SeedLabel
  /** Of the whole file system; equal on all nodes of a board, so that everything before it is shared. */
  readonly sizeBytes: number
  /** What the front end reads, in the clear: meta-data and user-data of NoCloud. */
  readonly documents: readonly PlannedFile[]
  /** Settings of the node, in the clear: appliance/node.conf. */
  readonly files: readonly PlannedFile[]
  readonly install: readonly InstallEntry[]
  readonly epoch: number
}

/** Of `hardening: cis`: what the kernel and the disk of the node must show. */
export interface HardeningExpectation {
  /** Kernel parameters by name, such as `vm.panic_on_oom`. */
  readonly kernel: Readonly<Record<string, string>>
  /** Files and folders of root's, with their permission bits. */
  readonly paths: readonly { readonly path: string; readonly mode: number }[]
}

export interface ExpectedImage {
  readonly name: string
  /** `sha256:` and hex of the manifest; null for those of k3s's own archive, of which only names are known. */
  readonly digest: string | null
}

/** A file that k3s deploys; it keeps the sum of what it has applied (`spec.checksum` of the AddOn). */
export interface ExpectedAddOn {
  readonly name: string
  /** Path on the node. */
  readonly file: string
  /** Hex; null where the content holds what only the node knows. */
  readonly sha256: string | null
}

/** What a proof may assert of the booted node. */
export interface NodeExpectation {
  readonly hostname: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly string[]
  /** Address the API is reached at by this node's kubeconfig or join; null for agents. */
  readonly apiPort: number | null
  /** Images that must be imported, from k3s-images.txt and of the profile. */
  readonly images: readonly ExpectedImage[]
  /** What k3s must have deployed, as this node has it: of the payload on the first server, and of its own seed. */
  readonly addOns: readonly ExpectedAddOn[]
  /** Null where the profile asks for none. */
  readonly hardening: HardeningExpectation | null
}

/** One thing that is done for the sake of the node's medium, for people. */
export interface MediumChoice {
  readonly setting: string
  readonly chosen: string
  readonly why: string
}

/** A file in a file system of a base image that the base reads its configuration from. Every other file stays as it is. */
export interface BaseFile {
  /** Number of the partition. */
  readonly partition: number
  /** Without a slash at its start. */
  readonly path: string
  readonly text: string
}

/** Where a node mounts partitions of ours; absolute. */
export interface MountFolders {
  readonly data: string
  readonly payload: string
}

/** What lies under k3s: a root that is made here with what starts it, or a disk of the user's. */
export type NodeBase =
  | { readonly kind: 'made'; readonly baseId: string; readonly bootId: string }
  | {
      readonly kind: 'image'
      readonly imageId: string
      readonly files: readonly BaseFile[]
      readonly folders: MountFolders
    }

/** Where this node mounts them. */
export const foldersOf = ({ base }: Pick<NodePlan, 'base'>): MountFolders =>
  base.kind === 'image' ? base.folders : { data: '/data', payload: '/payload' }

export interface NodePlan {
  readonly name: string
  readonly role: Role
  /** The server that starts the cluster; exactly one. */
  readonly first: boolean
  readonly board: string
  readonly architecture: Architecture
  readonly base: NodeBase
  readonly payloadId: string
  readonly disk: DiskPlan
  readonly seed: SeedPlan
  /** Static addresses with prefix length; empty under DHCP. */
  readonly addresses: readonly string[]
  readonly gateways: readonly string[]
  /** Hardware address of the interface that the cluster uses, where the profile tells it by that. */
  readonly macAddress: string | null
  /** The k3s config.yaml as an object, for people and proofs; the file is in seed.install. */
  readonly k3sConfig: Readonly<Record<string, unknown>>
  readonly expect: NodeExpectation
  /** An agent's own token to join with, instead of the agents' common one; ISO 8601 end, or null for none. */
  readonly bootstrapToken: { readonly expires: string | null } | null
  /** Declared medium size, bytes, when the profile says one. */
  readonly mediumBytes: number | null
  /** What kind of medium it is (`storage.medium`), and what follows from that. */
  readonly medium: { readonly kind: string; readonly choices: readonly MediumChoice[] }
}

export interface KubeconfigPlan {
  /** Name in the output folder: `kubeconfig` for the administrator's, `<user>.kubeconfig` for others. */
  readonly file: string
  /** `https://name:6443`. */
  readonly server: string
  /** Common name of the client certificate: the Kubernetes user. */
  readonly user: string
  /** Organisations of the client certificate: the Kubernetes groups. */
  readonly groups: readonly string[]
  readonly lifetimeDays: number
}

export interface BuildPlan {
  readonly planVersion: 1
  readonly cluster: string
  readonly k3sVersion: string
  /** Seconds since 1970: the lock's time. */
  readonly epoch: number
  readonly bases: readonly BasePlan[]
  /** Of the profile; at most one. */
  readonly baseImages: readonly BaseImagePlan[]
  readonly payloads: readonly PayloadPlan[]
  readonly boots: readonly BootPlan[]
  readonly nodes: readonly NodePlan[]
  /** Every image that is asked for or carried, by name: for people. */
  readonly images: readonly NeededImage[]
  readonly pki: PkiPlan
  readonly stateProtection: StateProtection
  /** The administrator's first. */
  readonly kubeconfigs: readonly KubeconfigPlan[]
  readonly outputs: readonly ('raw' | 'zst')[]
}
