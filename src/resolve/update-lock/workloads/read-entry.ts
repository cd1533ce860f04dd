import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import type { SourceFile } from '../../../diagnostics/source-file.ts'
import type { ArtifactPin } from '../../pins.ts'
import type { AskedImage } from '../../workloads/asked-image.ts'
import type { ChartMetadata } from '../../workloads/chart.ts'
import type { ChartFiles } from '../../workloads/chart-archive.ts'
import type { LockedContent, LockedManifest } from '../../workloads/locked-workloads.ts'
import type { ManifestObject } from '../../workloads/manifest-file.ts'
import type { UserFile } from './user-files.ts'

/** A chart with the values that the profile gives it. */
export interface ReadChart {
  readonly metadata: ChartMetadata
  readonly files: ChartFiles
  readonly packed: Uint8Array
  readonly values: SourceFile | undefined
  /** The values with a word in the place of each secret. */
  readonly shownValues: string | null
}

/** What the files of one entry hold, before anything is put into the store. */
export interface ReadEntry {
  readonly manifests: readonly LockedManifest[]
  readonly served: readonly ArtifactPin[]
  readonly files: readonly UserFile[]
  /** Of manifests, for what is checked over all files. */
  readonly objects: readonly ManifestObject[]
  readonly chart: ReadChart | undefined
  /** Images that the manifests name. */
  readonly images: readonly AskedImage[]
  readonly faults: readonly Diagnostic[]
}

export const nothingRead = (faults: readonly Diagnostic[]): ReadEntry => ({
  manifests: [],
  served: [],
  files: [],
  objects: [],
  chart: undefined,
  images: [],
  faults,
})

/** Puts bytes into the store under a name for people. */
export type StoreBytes = (name: string, bytes: Uint8Array) => Promise<ArtifactPin>

export const stored = async (store: StoreBytes, name: string, bytes: Uint8Array): Promise<LockedContent> => ({
  kind: 'artifact',
  artifact: await store(name, bytes),
})

/** Text with secrets in it stands in the lock: it is small, and never goes where everybody may read it. */
export const mostTemplateBytes = 64 * 1024

/** etcd's limit for a request is 1.5 MiB; the object grows by what Kubernetes notes in it. */
export const mostObjectBytes = 1_400_000
