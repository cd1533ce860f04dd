import { StepFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { BootPlan, BuildPlan, NodePlan } from '../../plan/build-plan.ts'

interface PartitionTable {
  readonly partitiontable?: {
    readonly sectorsize?: number
    readonly partitions?: readonly { readonly start: number; readonly size: number; readonly name?: string }[]
  }
}

export interface PartitionExtent {
  readonly startBytes: number
  readonly sizeBytes: number
}

/** Where a partition lies in an image, by its name in the GPT. */
export const findPartition = async (host: Host, image: string, name: string): Promise<PartitionExtent> => {
  const { stdout } = await host.exec(['sfdisk', '--json', image], {
    doing: `read the partitions of ${image}`,
  })
  const table = (JSON.parse(stdout) as PartitionTable).partitiontable
  const partition = table?.partitions?.find((candidate) => candidate.name === name)
  if (partition === undefined) {
    throw new StepFault(`${image} has no partition ${name}`, { help: 'Build it again: appliance build' })
  }
  const sector = table?.sectorsize ?? 512
  return { startBytes: partition.start * sector, sizeBytes: partition.size * sector }
}

/** Copies a file out of an image's boot partition. */
export const copyFromBoot = async (
  host: Host,
  image: string,
  path: string,
  target: string,
): Promise<void> => {
  const { startBytes } = await findPartition(host, image, 'boot')
  await host.exec(
    ['mcopy', '-n', '-o', '-i', `${image}@@${startBytes}`, `::/${path.replace(/^\/+/, '')}`, target],
    { doing: `copy ${path} out of ${image}`, env: { MTOOLS_SKIP_CHECK: '1' } },
  )
}

/** The boot partition of a node; undefined where a base image brings its own. */
export const bootOf = ({ boots }: BuildPlan, { base }: NodePlan): BootPlan | undefined =>
  base.kind === 'made' ? boots.find(({ id }) => id === base.bootId) : undefined

/** Copies the kernel out of the image's boot partition. */
export const readKernel = async (
  host: Host,
  plan: BuildPlan,
  node: NodePlan,
  image: string,
  directory: string,
): Promise<string> => {
  const file = bootOf(plan, node)?.files.find(
    ({ content }) => content.kind === 'base' && content.name === 'vmlinuz',
  )
  if (file === undefined) throw new TypeError(`the plan of ${node.name} has no kernel`)
  const target = `${directory}/vmlinuz`
  await copyFromBoot(host, image, file.path, target)
  return target
}
