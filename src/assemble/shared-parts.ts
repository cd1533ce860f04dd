import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import type { Host } from '../host/host.ts'
import { withTask } from '../host/with-task.ts'
import { diskName } from '../materialise/base-image/base-disk.ts'
import type { Materials } from '../materialise/materials.ts'
import { baseDiskFolder, baseFolder, contentOf } from '../materialise/materials.ts'
import { unpackPackages } from '../materialise/package-files.ts'
import type { BootPlan, BuildPlan, NodePlan, PayloadPlan, PlannedFile } from '../plan/build-plan.ts'
import { isSecret } from '../plan/build-plan.ts'
import type { FatSource } from './fat.ts'
import { bootFatSize, fat32SectorsPerCluster, makeFat } from './fat.ts'
import { makeSquashfs } from './squashfs.ts'
import type { TarFile } from './tar.ts'
import { tarStream } from './tar.ts'

/** The finished content of a partition that many nodes share. */
export interface SharedPart {
  readonly kind: 'boot' | 'base' | 'base-image' | 'base-files' | 'payload'
  /** Of the plan it was made from. */
  readonly id: string
  /** Folder in the cache that holds it. */
  readonly folder: string
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** Shared parts are read by everybody who holds any node's card: no secret may have found its way into one. */
export const refuseSecretsInSharedParts = (plan: BuildPlan): void => {
  for (const part of [...plan.bases, ...plan.payloads, ...plan.boots]) {
    const found = part.files.find(({ content }) => content.kind === 'state' || isSecret(content))
    if (found !== undefined)
      throw new Error(`${found.path} of a shared part is planned to hold cluster state`)
  }
}

const sharedPart = async (
  materials: Materials,
  kind: SharedPart['kind'],
  id: string,
  folder: string,
  name: string,
): Promise<SharedPart> => {
  const file = (await materials.built.manifest(folder)).files[name]
  if (file === undefined) throw new Error(`${folder} holds no ${name}`)
  return { kind, id, folder, path: join(folder, name), sizeBytes: file.sizeBytes, sha256: file.sha256 }
}

/** Of a plain file of a shared part: a path, or small content. */
const plainContent = async (
  materials: Materials,
  file: PlannedFile,
  baseId: string,
): Promise<string | Uint8Array> => {
  const content = await contentOf(materials, file.content, baseId)
  if (typeof content === 'string' || content instanceof Uint8Array) return content
  throw new Error(`${file.path} of a shared part is secret`)
}

const sizeOf = async (host: Host, content: string | Uint8Array): Promise<number> => {
  if (typeof content !== 'string') return content.length
  const stat = await host.files.stat(content)
  if (stat === undefined) throw new Error(`${content} is missing`)
  return stat.sizeBytes
}

/** By plan and by the kernel and initrd that the base turned out to hold: a mended base builder may change these. */
const bootId = async (materials: Materials, plan: BootPlan): Promise<string> => {
  const { files } = await materials.built.manifest(baseFolder(materials, plan.baseId))
  const sums = plan.files.flatMap(({ content }) =>
    content.kind === 'base' ? [files[content.name]?.sha256 ?? ''] : [],
  )
  const content = createHash('sha256').update(sums.join(' ')).digest('hex').slice(0, 12)
  return `${plan.id}-${content}`
}

const bootPart = async (host: Host, materials: Materials, plan: BootPlan): Promise<SharedPart> => {
  const folder = await materials.built.getOrBuild('boot', await bootId(materials, plan), async (work) => {
    const sources: FatSource[] = []
    const packages = join(work, 'packages')
    const packageFile = unpackPackages(host, materials.artifacts, packages)
    let contentBytes = 0
    for (const file of plan.files) {
      const { content } = file
      const source =
        content.kind === 'package'
          ? await packageFile(content.package, content.path)
          : await plainContent(materials, file, plan.baseId)
      contentBytes += await sizeOf(host, source)
      sources.push({ path: file.path, source })
    }
    const sizeBytes = bootFatSize(contentBytes)
    const { volumeId, epoch } = plan
    const sectorsPerCluster = fat32SectorsPerCluster(sizeBytes)
    await makeFat(
      host,
      join(work, 'boot.fat'),
      { label: 'BOOT', volumeId, bits: 32, sizeBytes, sectorsPerCluster, epoch },
      sources,
    )
    await host.files.remove(packages)
  })
  return sharedPart(materials, 'boot', plan.id, folder, 'boot.fat')
}

/** Checksums of the payload's other files, of which those that were made here are known only now. */
const sumsText = async (
  host: Host,
  materials: Materials,
  plan: PayloadPlan,
  sums: readonly { readonly path: string; readonly sha256: string | null }[],
): Promise<string> => {
  const lines: string[] = []
  for (const { path, sha256 } of sums) {
    const file = plan.files.find((candidate) => candidate.path === path)
    if (file === undefined) throw new Error(`the payload has no ${path}`)
    lines.push(`${sha256 ?? (await madeSha256(host, materials, file))}  ${path}\n`)
  }
  return lines.join('')
}

/** Of a file that lies in a built folder: from its manifest. */
const madeSha256 = async (host: Host, materials: Materials, file: PlannedFile): Promise<string> => {
  const path = await plainContent(materials, file, '')
  if (typeof path !== 'string') throw new Error(`${file.path} is not made here`)
  const made = (await materials.built.manifest(dirname(path))).files[basename(path)]
  return made?.sha256 ?? host.files.sha256(path)
}

/** Every file of a payload, for whatever it is packed into. */
export const payloadFiles = async (
  host: Host,
  materials: Materials,
  plan: PayloadPlan,
): Promise<readonly TarFile[]> => {
  const files: TarFile[] = []
  for (const file of plan.files) {
    const content =
      file.content.kind === 'sums'
        ? new TextEncoder().encode(await sumsText(host, materials, plan, file.content.sums))
        : await plainContent(materials, file, '')
    const open = (): Readable =>
      typeof content === 'string' ? host.files.openRead(content) : Readable.from([Buffer.from(content)])
    files.push({ path: file.path, mode: file.mode, sizeBytes: await sizeOf(host, content), open })
  }
  return files
}

const payloadPart = async (host: Host, materials: Materials, plan: PayloadPlan): Promise<SharedPart> => {
  const folder = await materials.built.getOrBuild('payload', plan.id, async (work) => {
    const tar = tarStream(await payloadFiles(host, materials, plan), plan.links, plan.epoch)
    await makeSquashfs(host, join(work, 'payload.squashfs'), tar, plan.epoch)
  })
  return sharedPart(materials, 'payload', plan.id, folder, 'payload.squashfs')
}

/** A part, and where on the disk it goes. */
export interface NodePart {
  readonly name: 'base' | 'boot' | 'root-a' | 'payload'
  readonly part: SharedPart
}

export interface SharedParts {
  /** In the order of the disk: boot, root-a, payload; or the disk of a base image, payload. */
  readonly of: (node: NodePlan) => readonly NodePart[]
}

const idsOf = (nodes: readonly NodePlan[]) => {
  const bases = nodes.map(({ base }) => base)
  return {
    boots: new Set(bases.flatMap((base) => (base.kind === 'made' ? [base.bootId] : []))),
    roots: new Set(bases.flatMap((base) => (base.kind === 'made' ? [base.baseId] : []))),
    images: new Set(bases.flatMap((base) => (base.kind === 'image' ? [base.imageId] : []))),
  }
}

/** Makes or finds what the given nodes share. */
export const makeSharedParts = async (
  host: Host,
  materials: Materials,
  plan: BuildPlan,
  nodes: readonly NodePlan[],
): Promise<SharedParts> => {
  const parts = new Map<string, SharedPart>()
  const ids = idsOf(nodes)
  await withTask(host.report, 'shared partitions', { unit: 'items' }, async (task) => {
    for (const boot of plan.boots.filter(({ id }) => ids.boots.has(id))) {
      task.progress(parts.size, `boot of ${boot.board}`)
      parts.set(boot.id, await bootPart(host, materials, boot))
    }
    for (const payload of plan.payloads.filter(({ id }) => nodes.some(({ payloadId }) => payloadId === id))) {
      task.progress(parts.size, `payload for ${payload.architecture}`)
      parts.set(payload.id, await payloadPart(host, materials, payload))
    }
    for (const baseId of ids.roots) {
      const folder = baseFolder(materials, baseId)
      parts.set(baseId, await sharedPart(materials, 'base', baseId, folder, 'root.squashfs'))
    }
    for (const imageId of ids.images) {
      const folder = baseDiskFolder(materials, imageId)
      parts.set(imageId, await sharedPart(materials, 'base-image', imageId, folder, diskName))
    }
  })
  const get = (id: string): SharedPart => {
    const part = parts.get(id)
    if (part === undefined) throw new Error(`the plan has no part ${id}`)
    return part
  }
  return {
    of: ({ base, payloadId }) => [
      ...(base.kind === 'made'
        ? [
            { name: 'boot' as const, part: get(base.bootId) },
            { name: 'root-a' as const, part: get(base.baseId) },
          ]
        : [{ name: 'base' as const, part: get(base.imageId) }]),
      { name: 'payload', part: get(payloadId) },
    ],
  }
}
