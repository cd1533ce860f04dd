import { gunzipSync, gzipSync } from 'node:zlib'
import { extract, pack } from 'tar-stream'

/** Files of a chart by their path below its folder: `Chart.yaml`, `templates/deployment.yaml`. */
export type ChartFiles = ReadonlyMap<string, Uint8Array>

export interface ChartFault {
  readonly code: 'L0035' | 'L0036'
  readonly message: string
  readonly help: string
}

/** Far beyond any chart; keeps a small archive from filling memory. */
const mostUnpackedBytes = 64 * 1024 * 1024

export const notAChart = (message: string): ChartFault => ({
  code: 'L0035',
  message,
  help: 'name the folder of a chart, or what `helm package` made of it',
})

/** Below the one folder that `helm package` puts everything into; undefined where a path leads out of it. */
const insidePath = (name: string): { readonly folder: string; readonly path: string } | undefined => {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (name.startsWith('/') || parts.includes('..') || /[\\\0]/.test(name)) return undefined
  const [folder = '', ...rest] = parts
  return { folder, path: rest.join('/') }
}

/** Reads a packed chart. Refuses what Helm refuses, and what could reach out of a folder it is unpacked into. */
export const unpackChart = async (bytes: Uint8Array): Promise<ChartFiles | ChartFault> => {
  let tar: Uint8Array
  try {
    tar = gunzipSync(bytes, { maxOutputLength: mostUnpackedBytes })
  } catch {
    return notAChart('the file is no gzip archive, is cut short, or is larger than any chart when unpacked')
  }
  const files = new Map<string, Uint8Array>()
  const folders = new Set<string>()
  const reader = extract()
  reader.end(tar)
  try {
    for await (const entry of reader) {
      const { name, type } = entry.header
      const chunks: Uint8Array[] = []
      for await (const chunk of entry) chunks.push(chunk as Uint8Array)
      if (type === 'directory') continue
      const place = insidePath(name)
      if (place === undefined) return notAChart(`it holds \`${name}\`, which leads out of its folder`)
      if (type !== 'file' && type !== 'contiguous-file')
        return notAChart(`it holds \`${name}\`, a ${type}: charts are made of plain files`)
      folders.add(place.folder)
      files.set(place.path, Buffer.concat(chunks))
    }
  } catch {
    return notAChart('the file is no whole tar archive')
  }
  if (folders.size !== 1) return notAChart('it does not hold exactly one folder')
  return files
}

/** One archive for one set of files: sorted, owner root, time 0. Pinned when it is made, so that no later build packs anew. */
export const packChart = async (folder: string, files: ChartFiles): Promise<Uint8Array> => {
  const tar = pack()
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    tar.entry(
      { name: `${folder}/${path}`, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'file' },
      Buffer.from(content),
    )
  }
  tar.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of tar) chunks.push(chunk as Uint8Array)
  return gzipSync(Buffer.concat(chunks), { level: 9 })
}
