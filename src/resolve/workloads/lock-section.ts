import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { ArtifactPin } from '../pins.ts'
import { printAskedImage, readAskedImage } from './asked-image.ts'
import type { LockedManifest, LockedWorkload, TemplatePart } from './locked-workloads.ts'

/** Readers of single values of a lock; each throws at what is something else. */
export interface LockReader {
  readonly has: (path: Path) => boolean
  readonly text: (path: Path) => string
  readonly list: (path: Path) => readonly unknown[]
  readonly choice: <T extends string>(path: Path, choices: readonly T[]) => T
  /** Something that stands in the lock as one text. */
  readonly parsed: <T>(path: Path, parse: (text: string) => T | undefined) => T
  readonly artifact: (path: Path) => ArtifactPin
}

const artifact = ({ name, sha256, sizeBytes }: ArtifactPin) => ({ name, sha256, sizeBytes })

/** `workloads` of the lock, as it is written. */
export const printWorkloads = (workloads: readonly LockedWorkload[]) =>
  workloads.map(({ entry, request, digest, manifests, served, images, notRendered }) => ({
    entry,
    request,
    digest,
    manifests: manifests.map(({ fileName, content }) =>
      content.kind === 'artifact'
        ? { fileName, ...artifact(content.artifact) }
        : { fileName, template: content.parts },
    ),
    ...(served.length === 0 ? {} : { served: served.map(artifact) }),
    ...(images.length === 0 ? {} : { images: images.map(printAskedImage) }),
    ...(notRendered === null ? {} : { notRendered }),
  }))

const forms = ['text', 'json', 'base64'] as const

const readPart = (read: LockReader, value: unknown, path: Path): TemplatePart =>
  typeof value === 'string'
    ? value
    : { secret: read.text([...path, 'secret']), as: read.choice([...path, 'as'], forms) }

const readLockedManifest = (read: LockReader, path: Path): LockedManifest => {
  const fileName = read.text([...path, 'fileName'])
  if (!read.has([...path, 'template']))
    return { fileName, content: { kind: 'artifact', artifact: read.artifact(path) } }
  const at = [...path, 'template']
  const parts = read.list(at).map((value, index) => readPart(read, value, [...at, index]))
  return { fileName, content: { kind: 'template', parts } }
}

/** Locks of before there were any have none. */
export const readLockedWorkloads = (read: LockReader): readonly LockedWorkload[] => {
  if (!read.has(['workloads'])) return []
  return read.list(['workloads']).map((_, index) => {
    const path = ['workloads', index]
    const served = [...path, 'served']
    const manifests = [...path, 'manifests']
    const images = [...path, 'images']
    const notRendered = [...path, 'notRendered']
    return {
      entry: read.text([...path, 'entry']),
      request: read.text([...path, 'request']),
      digest: read.text([...path, 'digest']),
      manifests: read.list(manifests).map((__, at) => readLockedManifest(read, [...manifests, at])),
      served: read.has(served) ? read.list(served).map((__, at) => read.artifact([...served, at])) : [],
      images: read.has(images)
        ? read.list(images).map((__, at) => read.parsed([...images, at], readAskedImage))
        : [],
      notRendered: read.has(notRendered) ? read.text(notRendered) : null,
    }
  })
}

/** Everything of theirs that lies in the store. */
export const workloadArtifacts = (workloads: readonly LockedWorkload[]): readonly ArtifactPin[] =>
  workloads.flatMap(({ manifests, served }) => [
    ...manifests.flatMap(({ content }) => (content.kind === 'artifact' ? [content.artifact] : [])),
    ...served,
  ])
