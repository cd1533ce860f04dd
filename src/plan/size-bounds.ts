import type { BaseImagePlan, BasePlan, NodePlan, PayloadPlan, PlannedFile } from './build-plan.ts'
import { usedBytes } from './build-plan.ts'
import { archiveTarBytes, packedArchiveBounds } from './image-archive.ts'

const mib = 1024 * 1024

/** Bytes. The lower bound is proven by the lock; the upper one is an estimate for people. */
export interface SizeBounds {
  readonly lower: number
  readonly upper: number
}

/** A Debian package is xz; a squashfs of its files is between a little less and three times as large. */
const packedPerPackageByte = { lower: 0.5, upper: 3 }

/** Kernel, initrd and a second set of them; assembly never makes it smaller. */
const bootBounds: SizeBounds = { lower: 64 * mib, upper: 384 * mib }

/** k3s unpacks some hundred MB of its own at its first start. */
const k3sRoom = 256 * mib

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
 * What import leaves on `data` for each byte of an archive: containerd keeps each layer as it came, and unpacks it beside.
 * In an archive of `docker save`, as releases of k3s have them, layers are plain tars that zstd has packed to a third or a
 * quarter; in one of our own they are as the registry has them, packed to about a third each.
 */
const importedPerByte = { release: { lower: 2, upper: 8 }, own: { lower: 2, upper: 4 } }

const importBounds = (payload: PayloadPlan): SizeBounds => {
  const bounds = payload.files
    .filter(({ path }) => path.startsWith('images/'))
    .map((file): SizeBounds => {
      const bytes = fileSize(file)
      const factors = importedPerByte[file.content.kind === 'image-archive' ? 'own' : 'release']
      return { lower: bytes * factors.lower, upper: bytes * factors.upper }
    })
  return { lower: sum(bounds.map(({ lower }) => lower)), upper: sum(bounds.map(({ upper }) => upper)) }
}

/** What a node's medium must hold: the image, and on `data` what k3s unpacks of its own and of the images. */
export const mediumBounds = (node: NodePlan, base: NodesBase, payload: PayloadPlan): SizeBounds => {
  const parts = [...Object.values(partitionBounds(node, base, payload)), importBounds(payload)]
  const others = 2 * mib + k3sRoom
  return {
    lower: others + sum(parts.map(({ lower }) => lower)),
    upper: others + sum(parts.map(({ upper }) => upper)),
  }
}
