import type { Host } from '../../host/host.ts'
import type { BaseImagePlan, NodePlan } from '../../plan/build-plan.ts'
import { usedBytes } from '../../plan/build-plan.ts'
import type { Geometry } from '../geometry.ts'
import type { ImageContent, PlacedName } from '../image-content.ts'
import { wholePart } from '../image-content.ts'
import type { NodePart, SharedPart } from '../shared-parts.ts'
import { extendTable } from './added-partitions.ts'
import { headBytes } from './image-geometry.ts'

const find = (shared: readonly NodePart[], name: NodePart['name']): SharedPart => {
  const found = shared.find((each) => each.name === name)
  if (found === undefined) throw new Error(`the node has no part ${name}`)
  return found.part
}

/** The base as it is but for its partition table, and the payload behind it. */
export const behindBase = async (
  host: Host,
  image: BaseImagePlan,
  { disk }: NodePlan,
  options: {
    readonly geometry: Geometry<PlacedName>
    readonly shared: readonly NodePart[]
    readonly workFolder: string
  },
): Promise<Pick<ImageContent, 'table' | 'parts'>> => {
  const { geometry, shared, workFolder } = options
  const base = find(shared, 'base')
  const head = headBytes(image, disk)
  return {
    table: await extendTable(host, image, disk, geometry, { basePath: base.path, workFolder }),
    parts: [
      { name: 'base', offset: head, part: base, from: head, sizeBytes: usedBytes(image) - head },
      wholePart(geometry, { name: 'payload', part: find(shared, 'payload') }),
    ],
  }
}
