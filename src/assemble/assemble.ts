import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import type { Materials } from '../materialise/materials.ts'
import type { BuildPlan, NodePlan } from '../plan/build-plan.ts'
import type { RecordedOutput, RecordedPartition } from './build-record.ts'
import { inputsOf, readUnchangedOutputs, writeRecord } from './build-record.ts'
import { writeCompressedImage } from './compressed-image.ts'
import { placeParts } from './geometry.ts'
import type { ImageContent, WrittenImage } from './image.ts'
import { writeImage } from './image.ts'
import { makeKubeconfig } from './kubeconfig.ts'
import { makePartitionTable } from './partition-table.ts'
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
}

export interface AssembledOutput extends RecordedOutput {
  /** False when what lay there was right already. */
  readonly written: boolean
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** A folder beside the outputs: what is written there can be renamed into place. One left by a killed build goes first. */
const openWorkFolder = async (host: Host, folder: string): Promise<string> => {
  await host.files.makeDirectory(folder)
  for (const name of await host.files.list(folder)) {
    if (name.startsWith('.work-')) await host.files.remove(join(folder, name))
  }
  return host.files.makeTemporaryDirectory('.work-', folder)
}

const contentOfNode = async (
  host: Host,
  materials: Materials,
  node: NodePlan,
  parts: SharedParts,
  work: string,
): Promise<ImageContent> => {
  const shared = parts.of(node)
  const geometry = placeParts(
    [
      ...shared.map(({ name, part }) => ({ name, sizeBytes: part.sizeBytes })),
      { name: 'seed' as const, sizeBytes: node.seed.sizeBytes },
    ],
    node.disk.alignmentBytes,
  )
  checkMedium(node, geometry)
  const table = await makePartitionTable(host, node.disk, geometry, work)
  return { geometry, table, shared, seed: await makeSeed(host, materials, node, work) }
}

const partitionsOf = (node: NodePlan, content: ImageContent): readonly RecordedPartition[] =>
  content.geometry.parts.map(({ name, offset, size }) => {
    const part = content.shared.find((candidate) => candidate.name === name)?.part
    const guid = node.disk.partitions.find((partition) => partition.name === name)?.partitionGuid ?? ''
    const contentBytes = part?.sizeBytes ?? content.seed.length
    return { name, guid, offset, size, contentBytes, sha256: part?.sha256 ?? sha256(content.seed) }
  })

/** Equal for nodes whose images differ in nothing but the seed. */
const prefixKey = (content: ImageContent): string =>
  JSON.stringify([sha256(content.table.head), content.shared.map(({ part }) => part.sha256)])

/** Puts the images of a plan together, and the kubeconfig, build.json and SHA256SUMS beside them. */
export const assemble = async (
  host: Host,
  plan: BuildPlan,
  materials: Materials,
  options: AssembleOptions,
): Promise<readonly AssembledOutput[]> => {
  refuseSecretsInSharedParts(plan)
  const { folder } = options
  const nodes = plan.nodes.filter(({ name }) => options.node === undefined || name === options.node)
  const parts = await makeSharedParts(host, materials, plan, nodes)
  const work = await openWorkFolder(host, folder)
  const before = await readUnchangedOutputs(host, folder)
  const outputs = new Map<string, AssembledOutput>()
  const contents = new Map<NodePlan, ImageContent>()
  for (const node of nodes) contents.set(node, await contentOfNode(host, materials, node, parts, work))

  /** Keeps a file of the last build that was made from the same things; else makes, names and records it. */
  const output = async (
    wanted: Omit<RecordedOutput, 'sha256' | 'sizeBytes'>,
    make: (path: string) => Promise<{ readonly sha256: string; readonly sizeBytes: number }>,
  ): Promise<void> => {
    const kept = before.find(({ file, madeFrom }) => file === wanted.file && madeFrom === wanted.madeFrom)
    if (kept !== undefined) {
      outputs.set(wanted.file, { ...kept, written: false })
      return
    }
    const temporary = join(work, wanted.file)
    const made = await make(temporary)
    await host.files.rename(temporary, join(folder, wanted.file))
    outputs.set(wanted.file, { ...wanted, ...made, written: true })
  }

  await checkFreeSpace(host, folder, neededBytes(plan, contents))
  const siblings = new Map<string, WrittenImage>()
  for (const [node, content] of contents) {
    const key = prefixKey(content)
    const partitions = partitionsOf(node, content)
    const madeFrom = sha256(JSON.stringify([key, partitions, content.geometry.imageSize]))
    const { imageSize } = content.geometry
    if (plan.outputs.includes('raw')) {
      const file = `${node.name}.img`
      await output({ file, node: node.name, kind: 'raw', madeFrom, partitions }, async (path) => {
        const task = host.report.task(`image ${file}`, { total: imageSize, unit: 'bytes' })
        const written = await writeImage(host, path, content, siblings.get(key), task)
        siblings.set(key, { ...written, path: join(folder, file) })
        task.done()
        return { sha256: written.sha256, sizeBytes: imageSize }
      })
    }
    if (plan.outputs.includes('zst')) {
      const file = `${node.name}.img.zst`
      await output({ file, node: node.name, kind: 'zst', madeFrom, partitions }, (path) => {
        host.report.info(`compressing ${file}`)
        return writeCompressedImage(host, path, content, materials.built)
      })
    }
  }

  const kubeconfig = (await makeKubeconfig(plan.kubeconfig, plan.cluster, materials.state)).reveal()
  const madeFrom = sha256(kubeconfig)
  await output(
    { file: 'kubeconfig', node: null, kind: 'kubeconfig', madeFrom, partitions: [] },
    async (path) => {
      await host.files.writeAtomic(path, kubeconfig, { mode: 0o600 })
      return { sha256: madeFrom, sizeBytes: kubeconfig.length }
    },
  )

  const others = before
    .filter(({ node, file }) => !outputs.has(file) && plan.nodes.some(({ name }) => name === node))
    .filter(({ kind, node }) => node !== null && kind !== 'kubeconfig' && plan.outputs.includes(kind))
  const recorded = [...outputs.values()].map(({ written: _, ...rest }) => rest)
  const all = [...recorded, ...others].sort((a, b) => (a.file < b.file ? -1 : 1))
  await writeRecord(host, folder, {
    recordVersion: 1,
    tool: { name: 'appliance', version: options.toolVersion },
    cluster: plan.cluster,
    k3sVersion: plan.k3sVersion,
    epoch: plan.epoch,
    inputs: inputsOf(plan),
    outputs: all,
  })
  await host.files.remove(work)
  return [...outputs.values()]
}

/** Upper bound: holes and reflinks take less. */
const neededBytes = (plan: BuildPlan, contents: ReadonlyMap<NodePlan, ImageContent>): number => {
  const forms = plan.outputs.length
  const sizes = [...contents.values()].map(
    ({ shared, seed }) => shared.reduce((sum, { part }) => sum + part.sizeBytes, 0) + seed.length,
  )
  return sizes.reduce((sum, size) => sum + size, 0) * forms
}
