import type { BaseImagePlan, BasePlan, NodePlan, PayloadPlan, PlannedFile, SizeBounds } from './build-plan.ts'
import { usedBytes } from './build-plan.ts'
import { archiveTarBytes, packedArchiveBounds } from './image-archive.ts'

const mib = 1024 * 1024

/** A Debian package is xz; a squashfs of its files, without documentation, has been 0.8 to 1.1 times as large. */
const packedPerPackageByte = { lower: 0.5, upper: 1.5 }

/** Kernel, initrd and a second set of them, 64 to 144 MiB so far; assembly never makes it smaller. */
const bootBounds: SizeBounds = { lower: 64 * mib, upper: 256 * mib }

/** Of a file whose size the plan knows: text, or an artifact of the lock; of an image archive before it is packed. */
export const fileSize = ({ content }: PlannedFile): number => {
  if (content.kind === 'image-archive') return archiveTarBytes(content.archive)
  if (content.kind === 'sums') return sumsBytes(content.sums)
  if (content.kind === 'artifact') return content.artifact.sizeBytes
  if (content.kind === 'backup') return content.sizeBytes
  if (content.kind === 'text') return new TextEncoder().encode(content.text).length
  return 0
}

/** `<64 hex>  <path>` and a newline. */
const sumsBytes = (sums: readonly { readonly path: string }[]): number =>
  sum(sums.map(({ path }) => 67 + new TextEncoder().encode(path).length))

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const aligned = (size: number): number => Math.ceil(size / mib) * mib

/** Payload data is not compressed again: its size is exact but for padding, metadata and an image archive of our own. */
const payloadBounds = (payload: PayloadPlan): SizeBounds => {
  const bounds = payload.files.map((file) =>
    file.content.kind === 'image-archive'
      ? packedArchiveBounds(file.content.archive)
      : { lower: fileSize(file), upper: fileSize(file) },
  )
  return { lower: sum(bounds.map(({ lower }) => lower)), upper: sum(bounds.map(({ upper }) => upper)) + mib }
}

const baseBounds = (base: BasePlan): SizeBounds => {
  const packages = sum([...base.packages, ...(base.kernelPackages ?? [])].map(({ sizeBytes }) => sizeBytes))
  return { lower: packages * packedPerPackageByte.lower, upper: packages * packedPerPackageByte.upper }
}

/** What lies under k3s: a base that is made, or the disk of an image. */
export type NodesBase = BasePlan | BaseImagePlan

/** In the order of the disk; `base`: all of a base image. */
export const partitionBounds = (
  node: NodePlan,
  base: NodesBase,
  payload: PayloadPlan,
): Readonly<Record<string, SizeBounds>> => {
  const align = ({ lower, upper }: SizeBounds): SizeBounds => ({
    lower: aligned(lower),
    upper: aligned(upper),
  })
  const used = 'configuration' in base ? usedBytes(base) : 0
  return {
    ...('configuration' in base
      ? { base: align({ lower: used, upper: used }) }
      : { boot: bootBounds, 'root-a': align(baseBounds(base)) }),
    payload: align(payloadBounds(payload)),
    seed: { lower: node.seed.sizeBytes, upper: node.seed.sizeBytes },
  }
}

/**
 * kubelet deletes images that no container uses when the file system is fuller than this, and evicts pods at 95 %
 * (kubelet, imageGCHighThresholdPercent; k3s's eviction-hard): with no registry at hand the former do not come back.
 */
const fullestData = 0.85

/** What a node's medium must hold: the image, and on `data` what k3s unpacks of its own and of the images. */
export const mediumBounds = (node: NodePlan, base: NodesBase, payload: PayloadPlan): SizeBounds => {
  const parts = Object.values(partitionBounds(node, base, payload))
  const { onData } = payload
  const others = 2 * mib
  return {
    lower: others + onData.lower + sum(parts.map(({ lower }) => lower)),
    upper: others + Math.ceil(onData.upper / fullestData) + sum(parts.map(({ upper }) => upper)),
  }
}
