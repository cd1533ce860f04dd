import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import type { BaseImageRequest } from '../../base-image/base-image-request.ts'
import type { ImageForm } from '../../base-image/image-form.ts'
import { formBytes, imageForm } from '../../base-image/image-form.ts'
import type { LockedBaseImage } from '../../base-image/locked-base-image.ts'
import type { ExpandImage, InputStore } from '../../lock-request.ts'
import type { ArtifactPin } from '../../pins.ts'
import type { PlacedProblem } from '../images/image-problem.ts'
import type { ImageFault } from './image-fault.ts'
import { lookInto } from './look-into.ts'

const at = ['base', 'image'] as const

const fileName = (source: string): string => {
  const path = source.replace(/[?#].*$/, '')
  return path.slice(path.lastIndexOf('/') + 1)
}

const otherContent = (source: string, found: string, expected: string): ImageFault => ({
  code: 'L0071',
  message: `${source} is not what \`sha256\` says: it has ${found}, expected was ${expected}`,
  help: 'get the right file, or correct `sha256` where the change is wanted',
})

const formOf = async (
  host: Host,
  path: string,
  { source, format }: BaseImageRequest,
): Promise<ImageForm | ImageFault> => {
  const found = imageForm(await host.files.readRange(path, 0, formBytes))
  if (typeof found !== 'string') {
    return {
      code: 'L0072',
      message: `${source} is ${found.instead}`,
      help: 'use a disk image: raw, qcow2, or a raw one packed by xz, zstd or gzip',
    }
  }
  if (format === null || format === found) return found
  return {
    code: 'L0072',
    message: `${source} is of the form ${found}, and \`format\` says ${format}`,
    help: 'remove `format`, or name the right file',
  }
}

/** Into the store, where it is not there already. */
const fetchImage = async (
  store: InputStore,
  request: BaseImageRequest,
  { path, host, previous }: { path: string; host: Host; previous: LockedBaseImage | null },
): Promise<ArtifactPin | ImageFault> => {
  const { source, sha256, from } = request
  const name = fileName(source)
  if (from === 'file' && (await host.files.stat(path))?.isFile !== true) {
    return {
      code: 'L0071',
      message: `there is no file ${path}`,
      help: 'put the image there, or correct the path',
    }
  }
  // What is no disk is not kept.
  const wrongForm = from === 'file' ? await formOf(host, path, request) : undefined
  if (typeof wrongForm === 'object') return wrongForm
  // A file of the user's may have changed since; what an address sent is kept.
  const known = sha256 ?? (from === 'url' && previous?.source === source ? previous.artifact.sha256 : null)
  const stored = known === null ? undefined : await store.find({ name, sha256: known })
  if (stored !== undefined) return stored
  const pin =
    from === 'file' ? await store.addFile(path) : await store.addDownload(source, { label: `image ${name}` })
  if (sha256 !== null && pin.sha256 !== sha256) return otherContent(source, pin.sha256, sha256)
  if (known !== null && pin.sha256 !== known)
    host.report.warn(`${source} has changed since the lock was made; what it sends now is pinned`)
  return { ...pin, name }
}

/** Pins the base image of the profile and looks into it. */
export const lockBaseImage = async (
  host: Host,
  store: InputStore,
  request: BaseImageRequest,
  options: {
    /** Where `source` is, if it is a file. */
    readonly path: string
    readonly expand: ExpandImage
    readonly previous: LockedBaseImage | null
  },
): Promise<LockedBaseImage | PlacedProblem> => {
  const placed = ({ code, message, help }: ImageFault): PlacedProblem => ({ code, message, help, at })
  const artifact = await fetchImage(store, request, { ...options, host })
  if ('code' in artifact) return placed(artifact)
  const form = await formOf(host, await store.path(artifact), request)
  if (typeof form !== 'string') return placed(form)
  let disk: string
  try {
    disk = await options.expand(artifact, form)
  } catch (fault) {
    if (!(fault instanceof EnvironmentFault) || fault.code === undefined) throw fault
    return placed({ code: fault.code, message: fault.message, help: fault.help })
  }
  const facts = await lookInto(host, disk, (await host.files.stat(disk))?.sizeBytes ?? 0)
  if ('code' in facts) return placed(facts)
  return { source: request.source, artifact, form, ...facts }
}
