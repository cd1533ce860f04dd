import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import { lineColumnOf } from '../../../diagnostics/source-file.ts'
import { decodeText } from '../../../diagnostics/yaml/decode-text.ts'
import type { WorkloadEntry } from '../../../profile/workload-entry.ts'
import { fileNameOf, isManifestFile, namePath } from '../../../profile/workload-entry.ts'
import { deployedFiles } from '../../workloads/entry-files.ts'
import { scanImages } from '../../workloads/image-scan.ts'
import type { LockedManifest } from '../../workloads/locked-workloads.ts'
import type { ManifestObject } from '../../workloads/manifest-file.ts'
import { readManifest } from '../../workloads/manifest-file.ts'
import { readTemplate } from '../../workloads/placeholders.ts'
import { rangeOf } from '../../workloads/user-yaml.ts'
import type { ReadEntry, StoreBytes } from './read-entry.ts'
import { mostObjectBytes, mostTemplateBytes, nothingRead, stored } from './read-entry.ts'
import type { UserFile, UserFolder } from './user-files.ts'
import { faultIn, listFiles, pathOf, readUserFile } from './user-files.ts'

type ManifestEntry = Extract<WorkloadEntry, { readonly kind: 'manifest' }>

/** The file itself, or all that k3s would deploy of the folder. */
const namesOf = async (user: UserFolder, entry: ManifestEntry): Promise<readonly string[] | Diagnostic> => {
  const at = namePath(entry)
  const path = pathOf(user, entry.file)
  const stat = await user.files.stat(path)
  if (stat?.isDirectory !== true) {
    if (stat === undefined || isManifestFile(entry.file)) return [entry.file]
    return faultIn(user, 'L0039', at, `${path} is no manifest`, 'a manifest ends in .yaml, .yml or .json')
  }
  if (Object.keys(entry.secrets).length > 0)
    return faultIn(
      user,
      'L0034',
      at,
      `${path} is a folder: secrets belong to one file`,
      'name the file itself',
    )
  const names = deployedFiles(await listFiles(user, entry.file))
  if (names.length > 0) return names
  return faultIn(user, 'L0039', at, `${path} holds no manifest`, 'manifests end in .yaml, .yml or .json')
}

const tooLarge = (objects: readonly ManifestObject[]): readonly Diagnostic[] =>
  objects.flatMap(({ file, document, kind, name }) => {
    const { start, end } = rangeOf(file, document.contents)
    if (end - start <= mostObjectBytes) return []
    return [
      {
        code: 'L0037' as const,
        severity: 'error' as const,
        message: `${kind} \`${name}\` has ${end - start} bytes: etcd takes objects of at most 1.5 MiB`,
        range: { file, start, end: start + 1 },
        help: 'split it into several objects',
      },
    ]
  })

const readFile = async (
  user: UserFolder,
  store: StoreBytes,
  entry: ManifestEntry,
  file: UserFile,
): Promise<Pick<ReadEntry, 'manifests' | 'objects' | 'images' | 'faults'>> => {
  const failed = (faults: readonly Diagnostic[]) => ({ manifests: [], objects: [], images: [], faults })
  const [source, decodeFaults] = decodeText(pathOf(user, file.name), file.bytes)
  if (source === undefined) return failed(decodeFaults.map((fault) => ({ ...fault, code: 'L0030' as const })))
  const [objects, faults] = readManifest(source)
  if (objects === undefined) return failed(faults)
  const found = [...faults, ...tooLarge(objects)]
  const images = objects.flatMap(({ document }) =>
    scanImages(document).map(({ offset, ...image }) => {
      const { line, column } = lineColumnOf(source, offset)
      return { ...image, by: `${file.name}:${line}:${column}` }
    }),
  )
  const fileName = fileNameOf(file.name)
  const declared = Object.keys(entry.secrets)
  const manifest = async (): Promise<readonly LockedManifest[]> => [
    { fileName, content: await stored(store, file.name, file.bytes) },
  ]
  if (declared.length === 0) return { manifests: await manifest(), objects, images, faults: found }
  if (file.bytes.length > mostTemplateBytes) {
    const message = `${source.path} has ${file.bytes.length} bytes; a file with secrets has at most ${mostTemplateBytes}`
    return failed([
      faultIn(user, 'L0037', namePath(entry), message, 'put what is secret into a file of its own'),
    ])
  }
  const [parts, templateFaults] = readTemplate(source, declared)
  if (parts === undefined) return failed([...found, ...templateFaults])
  return { manifests: [{ fileName, content: { kind: 'template', parts } }], objects, images, faults: found }
}

/** The files of an entry of images.manifests, each checked by itself. */
export const readManifests = async (
  user: UserFolder,
  store: StoreBytes,
  entry: ManifestEntry,
): Promise<ReadEntry> => {
  const names = await namesOf(user, entry)
  if ('code' in names) return nothingRead([names])
  const files: UserFile[] = []
  const read: Pick<ReadEntry, 'manifests' | 'objects' | 'images' | 'faults'>[] = []
  for (const name of names) {
    const file = await readUserFile(user, name, namePath(entry))
    if ('code' in file) {
      read.push({ manifests: [], objects: [], images: [], faults: [file] })
      continue
    }
    files.push(file)
    read.push(await readFile(user, store, entry, file))
  }
  return {
    ...nothingRead(read.flatMap(({ faults }) => faults)),
    manifests: read.flatMap(({ manifests }) => manifests),
    objects: read.flatMap(({ objects }) => objects),
    images: read.flatMap(({ images }) => images),
    files,
  }
}
