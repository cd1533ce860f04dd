import { join } from 'node:path'
import type { Code } from '../../../diagnostics/codes.ts'
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import type { Path, YamlTree } from '../../../diagnostics/yaml/yaml-tree.ts'
import type { HostFiles } from '../../../host/files.ts'
import { hashOf } from '../../workloads/hash.ts'

/** Larger than any manifest or chart: a wrong path must not fill memory. */
export const mostFileBytes = 64 * 1024 * 1024

const mostFiles = 5000
const mostDepth = 16

/** A file of the user's. */
export interface UserFile {
  /** As the profile would name it: `./manifests/oven.yaml`. */
  readonly name: string
  readonly bytes: Uint8Array
  readonly sha256: string
}

/** Files are read below the profile's folder; faults are told at its places. */
export interface UserFolder {
  readonly files: HostFiles
  /** Folder of the profile. */
  readonly folder: string
  readonly tree: YamlTree
}

export const faultIn = (
  { tree }: Pick<UserFolder, 'tree'>,
  code: Code,
  path: Path,
  message: string,
  help: string,
  severity: Diagnostic['severity'] = 'error',
): Diagnostic => ({ code, severity, message, range: tree.locate(path), help })

export const pathOf = ({ folder }: Pick<UserFolder, 'folder'>, name: string): string =>
  name.startsWith('/') ? name : join(folder, name)

export const readUserFile = async (
  user: UserFolder,
  name: string,
  at: Path,
): Promise<UserFile | Diagnostic> => {
  const path = pathOf(user, name)
  const stat = await user.files.stat(path)
  const missing = (what: string): Diagnostic =>
    faultIn(
      user,
      'L0039',
      at,
      `${path} ${what}`,
      'paths are relative to the profile: correct it, or put the file there',
    )
  if (stat === undefined) return missing('is missing')
  if (!stat.isFile) return missing('is no file')
  if (stat.sizeBytes > mostFileBytes)
    return missing(`has ${stat.sizeBytes} bytes, more than any manifest or chart`)
  const bytes = await user.files.readBytes(path).catch(() => undefined)
  return bytes === undefined ? missing('cannot be read') : { name, bytes, sha256: hashOf(bytes) }
}

/** Names of all files below a folder, sorted; names that begin with a dot are left out, folders too. */
export const listFiles = async (
  user: Pick<UserFolder, 'files' | 'folder'>,
  name: string,
): Promise<readonly string[]> => {
  const found: string[] = []
  const walk = async (folder: string, depth: number): Promise<void> => {
    for (const entry of [...(await user.files.list(pathOf(user, folder)))].sort()) {
      if (entry.startsWith('.') || found.length >= mostFiles) continue
      const inner = `${folder.replace(/\/+$/, '')}/${entry}`
      const stat = await user.files.stat(pathOf(user, inner))
      if (stat?.isDirectory === true && depth < mostDepth) await walk(inner, depth + 1)
      else if (stat?.isFile === true) found.push(inner)
    }
  }
  await walk(name, 0)
  return found.toSorted()
}
