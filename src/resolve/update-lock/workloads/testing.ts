import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Header } from 'tar-stream'
import { pack } from 'tar-stream'
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import { lineColumnOf } from '../../../diagnostics/source-file.ts'
import { parseYaml } from '../../../diagnostics/yaml/parse-yaml.ts'
import type { TestHost } from '../../../host/testing.ts'
import type { Profile } from '../../../profile/schema.ts'
import { workloadEntries } from '../../../profile/workload-entry.ts'
import { sampleK3sTables } from '../../../recipes/testing.ts'
import type { InputStore } from '../../lock-request.ts'
import { hashOf } from '../../workloads/hash.ts'
import type { WorkloadsRequest } from '../workloads.ts'

/** A store that keeps what it is given in memory, by hash. */
export const memoryStore = (host: TestHost) => {
  const contents = new Map<string, Uint8Array>()
  const store: InputStore = {
    find: async () => undefined,
    addFile: async (source) => {
      const bytes = (await host.files.readBytes(source)) ?? new Uint8Array()
      const sha256 = hashOf(bytes)
      contents.set(sha256, bytes)
      return { name: source, sha256, sizeBytes: bytes.length }
    },
    moveFile: () => Promise.reject(new Error('nothing is moved')),
    addDownload: () => Promise.reject(new Error('nothing is downloaded')),
    path: async ({ sha256 }) => sha256,
  }
  const text = (sha256: string): string => new TextDecoder().decode(contents.get(sha256))
  return { store, text }
}

export const writeFiles = async (
  host: TestHost,
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    await host.files.makeDirectory(dirname(join(folder, name)))
    await host.files.writeAtomic(join(folder, name), content)
  }
}

/** A profile of which only `images` counts. */
export const requestFor = (images: string, folder: string): WorkloadsRequest => {
  const [tree] = parseYaml({ path: join(folder, 'lab.yaml'), text: `images: ${images}\n` })
  if (tree === undefined) throw new Error('the profile of the test cannot be read')
  return {
    entries: workloadEntries(tree.value as Profile),
    tree,
    folder,
    tables: sampleK3sTables,
    k3sVersion: 'v1.33.1+k3s1',
  }
}

/** Code and place by turns: `L0030`, `manifests/a.yaml:3:1`, with the folder of the test left out. */
export const places = (faults: readonly Diagnostic[], folder: string): readonly string[] =>
  faults.flatMap(({ code, range }) => {
    if (range === undefined) return [code]
    const { line, column } = lineColumnOf(range.file, range.start)
    return [code, `${range.file.path.replace(`${folder}/`, '')}:${line}:${column}`]
  })

/** A .tgz with these entries; a text is the content of a file. */
export const tgz = async (
  entries: Readonly<Record<string, string | Partial<Header>>>,
): Promise<Uint8Array> => {
  const tar = pack()
  for (const [name, entry] of Object.entries(entries)) {
    if (typeof entry === 'string') tar.entry({ name }, entry)
    else tar.entry({ name, ...entry })
  }
  tar.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of tar) chunks.push(chunk as Uint8Array)
  return gzipSync(Buffer.concat(chunks))
}

export const chartYamlText = (more = ''): string =>
  `apiVersion: v2\nname: podinfo\nversion: 6.9.0\nappVersion: 6.9.1\n${more}`
