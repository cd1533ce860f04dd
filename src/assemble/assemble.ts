import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import { withTask } from '../host/with-task.ts'
import type { Materials } from '../materialise/materials.ts'
import type { BaseImagePlan, BuildPlan, KubeconfigPlan, NodePlan, PayloadPlan } from '../plan/build-plan.ts'
import { behindBase } from './base-image/behind-base.ts'
import { imageGeometry } from './base-image/image-geometry.ts'
import { writeImageOnBase } from './base-image/write-image.ts'
import type { RecordedPartition } from './build-record.ts'
import { inputsOf } from './build-record.ts'
import { clusterManifests, manifestsName } from './cluster-manifests.ts'
import { writeCompressedImage } from './compressed-image.ts'
import type { Geometry } from './geometry.ts'
import { placeParts } from './geometry.ts'
import type { WrittenImage } from './image.ts'
import { writeImage } from './image.ts'
import type { ImageContent, PlacedName } from './image-content.ts'
import { wholePart } from './image-content.ts'
import { makeKubeconfig } from './kubeconfig.ts'
import type { AssembledOutput, OutputFolder } from './output-folder.ts'
import { openOutputFolder } from './output-folder.ts'
import { makePartitionTable } from './partition-table.ts'
import { prefixId } from './prefix.ts'
import { searchForSecrets } from './secret-gate/gate.ts'
import { makeSeed } from './seed.ts'
import type { SharedParts } from './shared-parts.ts'
import { makeSharedParts, refuseSecretsInSharedParts } from './shared-parts.ts'
import { checkFreeSpace, checkMedium } from './space.ts'

export interface AssembleOptions {
  /** Folder of the cluster's outputs. */
  readonly folder: string
  /** Only this node; the others' outputs stay as they are. */
  readonly node: string | undefined
  readonly toolVersion: string
  readonly k3sSource: string
  /** The node is planned as the successor of one: its image is another file than the usual one, which stays. */
  readonly isReplacement?: boolean
}

interface Work {
  readonly host: Host
  readonly plan: BuildPlan
  readonly materials: Materials
  readonly parts: SharedParts
  readonly output: OutputFolder
  readonly folder: string
  readonly isReplacement: boolean
}

/** `oven-1.img`, `oven-1.img.zst`; `oven-1.replacement.img`. */
const imageName = (node: string, kind: 'raw' | 'zst', isReplacement: boolean): string =>
  `${node}${isReplacement ? '.replacement' : ''}.img${kind === 'zst' ? '.zst' : ''}`

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

const imageOf = ({ baseImages }: BuildPlan, { base }: NodePlan): BaseImagePlan | undefined =>
  base.kind === 'image' ? baseImages.find(({ id }) => id === base.imageId) : undefined

const payloadOf = ({ payloads }: BuildPlan, { name, payloadId }: NodePlan): PayloadPlan => {
  const payload = payloads.find(({ id }) => id === payloadId)
  if (payload === undefined) throw new Error(`the plan has no payload for ${name}`)
  return payload
}

const geometryOf = (plan: BuildPlan, node: NodePlan, parts: SharedParts): Geometry<PlacedName> => {
  const image = imageOf(plan, node)
  const shared = parts.of(node)
  if (image !== undefined) {
    const payload = shared.find(({ name }) => name === 'payload')
    return imageGeometry(image, node, payload?.part.sizeBytes ?? 0)
  }
  return placeParts(
    [
      ...shared.map(({ name, part }) => ({ name, sizeBytes: part.sizeBytes })),
      { name: 'seed' as const, sizeBytes: node.seed.sizeBytes },
    ],
    node.disk.alignmentBytes,
  )
}

/** Held for one node at a time: memory must not grow with their number. */
const contentOf = async (
  { host, plan, materials, parts, output }: Work,
  node: NodePlan,
): Promise<ImageContent> => {
  const geometry = geometryOf(plan, node, parts)
  const image = imageOf(plan, node)
  const shared = parts.of(node)
  const seed = await makeSeed(host, materials, node, output.work)
  if (image !== undefined) {
    const behind = await behindBase(host, image, node, { geometry, shared, workFolder: output.work })
    return { geometry, ...behind, seed }
  }
  return {
    geometry,
    table: await makePartitionTable(host, node.disk, geometry, output.work),
    parts: shared.map((part) => wholePart(geometry, part)),
    seed,
  }
}

const partitionsOf = (
  node: NodePlan,
  { geometry, parts, seed }: ImageContent,
): readonly RecordedPartition[] =>
  geometry.parts.map(({ name, offset, size }) => {
    const part = parts.find((candidate) => candidate.name === name)?.part
    const guid = node.disk.partitions.find((partition) => partition.name === name)?.partitionGuid ?? ''
    const contentBytes = part?.sizeBytes ?? seed.length
    return { name, guid, offset, size, contentBytes, sha256: part?.sha256 ?? sha256(seed) }
  })

const outputImages = async (
  work: Work,
  node: NodePlan,
  siblings: Map<string, WrittenImage>,
): Promise<void> => {
  const { host, plan, materials, output, folder, isReplacement } = work
  const content = await contentOf(work, node)
  const partitions = partitionsOf(node, content)
  const prefix = prefixId(content)
  const madeFrom = sha256(JSON.stringify([prefix, partitions]))
  const { imageSize } = content.geometry
  const common = { node: node.name, madeFrom, partitions }
  if (plan.outputs.includes('raw')) {
    const file = imageName(node.name, 'raw', isReplacement)
    await output.keepOrMake({ ...common, file, kind: 'raw', prefixId: prefix }, async (path) => {
      await checkFreeSpace(host, folder, contentBytes(node, work.parts))
      const like = output.known().find((known) => known.prefixId === prefix)
      const earlier = like === undefined ? undefined : join(folder, like.file)
      const from = { sibling: siblings.get(prefix), earlier }
      const progress = { total: imageSize, unit: 'bytes' } as const
      if (node.base.kind === 'image') {
        const written = await withTask(host.report, `image ${file}`, progress, (task) =>
          writeImageOnBase(host, materials.built, path, content, task),
        )
        return { sha256: written, sizeBytes: imageSize }
      }
      const written = await withTask(host.report, `image ${file}`, progress, (task) =>
        writeImage(host, materials.built, path, content, from, task),
      )
      siblings.set(prefix, { ...written, path: join(folder, file) })
      return { sha256: written.sha256, sizeBytes: imageSize }
    })
  }
  if (plan.outputs.includes('zst')) {
    const file = imageName(node.name, 'zst', isReplacement)
    await output.keepOrMake({ ...common, file, kind: 'zst', prefixId: null }, (path) => {
      host.report.info(`compressing ${file}`)
      return writeCompressedImage(host, path, content, materials.built)
    })
  }
}

const outputKubeconfig = async (
  { host, plan, materials, output }: Work,
  wantedConfig: KubeconfigPlan,
): Promise<void> => {
  const kubeconfig = (await makeKubeconfig(wantedConfig, plan.cluster, materials.state)).reveal()
  const madeFrom = sha256(kubeconfig)
  const wanted = {
    file: wantedConfig.file,
    node: null,
    kind: 'kubeconfig',
    madeFrom,
    partitions: [],
    prefixId: null,
  } as const
  await output.keepOrMake(wanted, async (path) => {
    await host.files.writeAtomic(path, kubeconfig, { mode: 0o600 })
    return { sha256: madeFrom, sizeBytes: kubeconfig.length }
  })
}

const outputManifests = async ({ host, plan, materials, output, folder }: Work): Promise<void> => {
  const manifests = await clusterManifests(plan, materials)
  if (manifests === undefined) {
    await host.files.remove(join(folder, manifestsName))
    return
  }
  const content = manifests.reveal()
  const madeFrom = sha256(content)
  await output.keepOrMake(
    { file: manifestsName, node: null, kind: 'manifests', madeFrom, partitions: [], prefixId: null },
    async (path) => {
      await host.files.writeAtomic(path, content, { mode: 0o600 })
      return { sha256: madeFrom, sizeBytes: content.length }
    },
  )
}

/** Puts the images of a plan together, and the kubeconfig, build.json and SHA256SUMS beside them. */
export const assemble = async (
  host: Host,
  plan: BuildPlan,
  materials: Materials,
  { folder, node: only, toolVersion, k3sSource, isReplacement = false }: AssembleOptions,
): Promise<readonly AssembledOutput[]> => {
  refuseSecretsInSharedParts(plan)
  const nodes = plan.nodes.filter(({ name }) => only === undefined || name === only)
  const header = {
    recordVersion: 1,
    tool: { name: 'appliance', version: toolVersion },
    cluster: plan.cluster,
    k3sVersion: plan.k3sVersion,
    k3sSource,
    epoch: plan.epoch,
    inputs: inputsOf(plan),
  } as const
  await searchForSecrets(host, plan, materials, {
    nodes,
    documents: { 'build.json': JSON.stringify(header) },
    logs: materials.logs ?? [],
  })
  const parts = await makeSharedParts(host, materials, plan, nodes)
  for (const node of nodes) checkMedium(node, geometryOf(plan, node, parts), payloadOf(plan, node))
  const output = await openOutputFolder(host, folder, header)
  await checkFreeSpace(host, folder, newBytes(plan, nodes, parts, output, isReplacement))
  const work: Work = { host, plan, materials, parts, output, folder, isReplacement }
  const siblings = new Map<string, WrittenImage>()
  for (const node of nodes) await outputImages(work, node, siblings)
  for (const kubeconfig of plan.kubeconfigs) await outputKubeconfig(work, kubeconfig)
  if (!isReplacement) await outputManifests(work)
  return output.finish(({ node, kind }) => {
    if (kind === 'kubeconfig') return false
    // Whatever was not made now is of the cluster before.
    if (materials.state.isNew) return false
    if (kind === 'manifests') return isReplacement
    return plan.outputs.includes(kind) && plan.nodes.some(({ name }) => name === node)
  })
}

const contentBytes = (node: NodePlan, parts: SharedParts): number =>
  parts.of(node).reduce((sum, { part }) => sum + part.sizeBytes, 0) + node.seed.sizeBytes

/** Of files that are not there yet; at most, since holes and reflinks take less. Replaced ones are checked one by one. */
const newBytes = (
  plan: BuildPlan,
  nodes: readonly NodePlan[],
  parts: SharedParts,
  output: OutputFolder,
  isReplacement: boolean,
): number => {
  const there = new Set(output.known().map(({ file }) => file))
  const sizes = nodes.flatMap((node) =>
    plan.outputs
      .filter((kind) => !there.has(imageName(node.name, kind, isReplacement)))
      .map(() => contentBytes(node, parts)),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
