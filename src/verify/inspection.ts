import type { GptPartition } from './gpt.ts'
import type { MbrEntry } from './mbr.ts'
import type { SquashfsEntry } from './squashfs-reader.ts'

/** What `appliance inspect` knows of an image; `--format json` prints it as it is. Holds no secret. */
export interface Inspection {
  readonly image: string
  readonly compressed: boolean
  readonly sizeBytes: number
  readonly table: {
    readonly form: 'gpt' | 'mbr'
    /** GUID of a GPT, eight hex digits of an MBR. */
    readonly diskGuid: string
    /** Form of the MBR, and its entries. */
    readonly mbr: { readonly kind: 'protective' | 'hybrid' | 'other'; readonly entries: readonly MbrEntry[] }
    readonly primary: 'valid' | string
    /** `none`: an MBR has no second copy. */
    readonly backup: 'valid' | 'none' | string
    readonly partitions: readonly InspectedPartition[]
  }
  /** File systems of a base image of the user's that a first start may read files from; empty where the base is ours. */
  readonly base: readonly BaseInspection[]
  readonly boot: BootInspection | null
  readonly root: RootInspection | null
  readonly payload: PayloadInspection | null
  readonly seed: SeedInspection | null
}

/** On an MBR `payload` and `seed` are named by what nodes know them by; the others have no name. */
export type InspectedPartition = GptPartition & { readonly fileSystem: string }

/** Every file of a file system, to compare it with that of another image or of the base itself. */
export interface BaseInspection {
  readonly partition: number
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
}

export interface BootInspection {
  readonly files: readonly string[]
  readonly entries: readonly { readonly file: string; readonly kernelArguments: string }[]
}

export interface RootInspection {
  readonly os: string
  readonly architecture: string
  /** Seconds since 1970. */
  readonly epoch: number | null
  readonly packages: readonly { readonly name: string; readonly version: string }[]
}

export interface PayloadInspection {
  readonly k3sVersion: string | null
  readonly images: readonly string[]
  readonly files: readonly (SquashfsEntry & { readonly sha256: string | null })[]
}

export interface SeedInspection {
  readonly node: string | null
  readonly role: string | null
  readonly cluster: string | null
  readonly seedId: string | null
  /** True when the node has taken its secrets and overwritten them here. */
  readonly taken: boolean
  readonly files: readonly string[]
  readonly install: readonly InstalledFile[]
  readonly certificates: readonly CertificateInspection[]
  readonly tokens: readonly TokenInspection[]
}

export interface InstalledFile {
  readonly target: string
  readonly mode: string
  readonly secret: boolean
  readonly sha256: string
}

export interface CertificateInspection {
  readonly target: string
  readonly subject: string
  readonly notBefore: string
  readonly notAfter: string
}

/** Of a token only what is no secret: whose it is, and the CA it pins. */
export interface TokenInspection {
  readonly target: string
  readonly user: string
  readonly caHash: string
}
