import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import { readJson } from '../host/read-json.ts'
import { fileStamp } from '../materialise/file-stamp.ts'
import type { ArtifactPin, BuildPlan, PackagePin } from '../plan/build-plan.ts'

export interface RecordedPartition {
  readonly name: string
  readonly guid: string
  readonly offset: number
  readonly size: number
  readonly contentBytes: number
  readonly sha256: string
}

/** One file of the output folder. */
export interface RecordedOutput {
  readonly file: string
  /** Null for what is of the whole cluster. */
  readonly node: string | null
  readonly kind: 'raw' | 'zst' | 'kubeconfig' | 'manifests'
  readonly sizeBytes: number
  readonly sha256: string
  /** Hash over everything the file was made from: equal, and the file need not be made again. */
  readonly madeFrom: string
  /** Of a raw image: identity of what lies before its seed, from which another image may be made. */
  readonly prefixId: string | null
  readonly partitions: readonly RecordedPartition[]
}

/** `build.json`: depends on lock, profile and state alone, so that two builds can be compared by it. */
export interface BuildRecord {
  readonly recordVersion: 1
  readonly tool: { readonly name: 'appliance'; readonly version: string }
  readonly cluster: string
  readonly k3sVersion: string
  /** Where the lock says that the files of the k3s release were read: tells a release from a copy of one. */
  readonly k3sSource: string
  readonly epoch: number
  readonly inputs: readonly {
    readonly name: string
    readonly sizeBytes: number
    readonly sha256: string
  }[]
  readonly outputs: readonly RecordedOutput[]
}

const recordName = 'build.json'
/** What the files looked like when they were written: tells cheaply that nobody changed them since. */
const stampsName = '.stamps.json'

type Stamps = Readonly<Record<string, string>>

const packageInput = (pin: PackagePin): { name: string; sizeBytes: number; sha256: string } => ({
  name: pin.filename.slice(pin.filename.lastIndexOf('/') + 1),
  sizeBytes: pin.sizeBytes,
  sha256: pin.sha256,
})

/** Every file that goes into the images: packages of the bases or a base image, k3s, archives, manifests. Sorted, each once. */
export const inputsOf = (plan: BuildPlan): BuildRecord['inputs'] => {
  const artifacts: ArtifactPin[] = plan.baseImages.map(({ artifact }) => artifact)
  const packages = plan.bases.flatMap((base) => [...base.packages, ...(base.kernelPackages ?? [])])
  const files = [...plan.payloads, ...plan.bases, ...plan.boots].flatMap((part) => part.files)
  const installs = plan.nodes.flatMap((node) => [
    ...node.seed.documents,
    ...node.seed.files,
    ...node.seed.install,
  ])
  for (const { content } of [...files, ...installs]) {
    if (content.kind === 'artifact') artifacts.push(content.artifact)
    if (content.kind === 'image-archive') artifacts.push(...content.archive.blobs)
    if (content.kind === 'package') packages.push(content.package)
  }
  const all = [...packages.map(packageInput), ...artifacts]
  const bySum = new Map(all.map((input) => [`${input.name} ${input.sha256}`, input]))
  return [...bySum.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { name, sizeBytes, sha256 }]) => ({ name, sizeBytes, sha256 }))
}

/** Outputs of the last build that are on the disk still as it left them. */
export const readUnchangedOutputs = async (
  host: Host,
  folder: string,
): Promise<readonly RecordedOutput[]> => {
  const record = await readJson<BuildRecord>(host, join(folder, recordName))
  const stamps = (await readJson<Stamps>(host, join(folder, stampsName))) ?? {}
  const unchanged: RecordedOutput[] = []
  if (record?.recordVersion !== 1 || !Array.isArray(record.outputs)) return unchanged
  for (const output of record.outputs) {
    const stat = await host.files.stat(join(folder, output.file))
    if (stat?.isFile && stamps[output.file] === fileStamp(stat)) unchanged.push(output)
  }
  return unchanged
}

/** Writes build.json and SHA256SUMS, which name whole files only: call it when these are in place. */
export const writeRecord = async (host: Host, folder: string, record: BuildRecord): Promise<void> => {
  const stamps: Record<string, string> = {}
  for (const { file } of record.outputs) {
    const stat = await host.files.stat(join(folder, file))
    if (stat !== undefined) stamps[file] = fileStamp(stat)
  }
  const sums = record.outputs.map(({ sha256, file }) => `${sha256}  ${file}\n`).join('')
  await host.files.writeAtomic(join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`)
  await host.files.writeAtomic(join(folder, 'SHA256SUMS'), sums)
  await host.files.writeAtomic(join(folder, stampsName), `${JSON.stringify(stamps)}\n`)
}
