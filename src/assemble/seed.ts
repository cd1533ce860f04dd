import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import type { Materials } from '../materialise/materials.ts'
import { contentOf } from '../materialise/materials.ts'
import { Secret } from '../materialise/secrets.ts'
import type { NodePlan, PlannedFile } from '../plan/build-plan.ts'
import { isSecret } from '../plan/build-plan.ts'
import type { FatSource } from './fat.ts'
import { makeFat } from './fat.ts'

const nodeConfPath = 'appliance/node.conf'
const sectorSize = 512

/**
 * At most this many clusters, of at least four sectors: well inside what makes a FAT a FAT16, up to the 1 GiB of a backup
 * and beyond.
 */
const maxClusters = 32768

const clusterSectors = (sizeBytes: number): number => {
  let sectors = 4
  while (sizeBytes / (sectors * sectorSize) > maxClusters) sectors *= 2
  return sectors
}

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

const bytesOf = async (
  host: Host,
  materials: Materials,
  file: Pick<PlannedFile, 'content'>,
): Promise<Uint8Array> => {
  const content = await contentOf(materials, file.content)
  if (content instanceof Secret) return content.reveal()
  if (content instanceof Uint8Array) return content
  const bytes = await host.files.readBytes(content)
  if (bytes === undefined) throw new Error(`${content} is missing`)
  return bytes
}

/** Files of a seed in memory: they are small, and secrets go to no other file on their way. */
export const seedContents = async (
  host: Host,
  materials: Materials,
  node: NodePlan,
): Promise<readonly FatSource[]> => {
  const sources: FatSource[] = []
  const lines: string[] = []
  for (const [index, entry] of node.seed.install.entries()) {
    const number = index + 1
    const bytes = await bytesOf(host, materials, entry)
    const secrecy = isSecret(entry.content) ? 'secret' : 'plain'
    const mode = entry.mode.toString(8).padStart(4, '0')
    lines.push(`${secrecy} ${mode} ${sha256(bytes)} ${number} ${entry.target}\n`)
    sources.push({ path: `appliance/files/${number}`, source: bytes })
  }
  const installList = Buffer.from(lines.join(''))
  sources.push({ path: 'appliance/install.list', source: installList })
  for (const file of [...node.seed.documents, ...node.seed.files]) {
    const bytes = await bytesOf(host, materials, file)
    // The one line that only assembly can write: it names the content of secrets by their hash.
    const seedId =
      file.path === nodeConfPath ? Buffer.from(`SEED_ID='${sha256(installList)}'\n`) : Buffer.alloc(0)
    sources.push({ path: file.path, source: Buffer.concat([bytes, seedId]) })
  }
  return sources
}

/** Makes a node's seed in the work folder and returns its bytes. */
export const makeSeed = async (
  host: Host,
  materials: Materials,
  node: NodePlan,
  workFolder: string,
): Promise<Uint8Array> => {
  const image = join(workFolder, `${node.name}.seed`)
  const { label, volumeId, sizeBytes, epoch } = node.seed
  const sectorsPerCluster = clusterSectors(sizeBytes)
  const files = await seedContents(host, materials, node)
  await makeFat(host, image, { label, volumeId, bits: 16, sizeBytes, sectorsPerCluster, epoch }, files)
  const bytes = await host.files.readBytes(image)
  await host.files.remove(image)
  if (bytes === undefined) throw new Error(`${image} vanished`)
  return bytes
}
