import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts'
import type { SourceFile } from '../diagnostics/source-file.ts'
import { decodeText } from '../diagnostics/yaml/decode-text.ts'
import type { HostFiles } from '../host/files.ts'

/** More than a thousand nodes; whatever is in it, it is checked in under a second. */
export const maxProfileBytes = 256 * 1024

const fault = (code: Diagnostic['code'], message: string, help: string): readonly Diagnostic[] => [
  { code, severity: 'error', message, help },
]

/** Reads a profile from disk. What is wrong with the file is a diagnostic, as what is wrong with its text is. */
export const readSource = async (files: HostFiles, path: string): Promise<Result<SourceFile>> => {
  try {
    const stat = await files.stat(path)
    if (stat === undefined) {
      return [
        undefined,
        fault('P0001', `there is no file ${path}`, '`appliance init` writes a commented starter profile'),
      ]
    }
    if (!stat.isFile) {
      const what = stat.isDirectory ? 'is a directory' : 'is not a regular file'
      return [undefined, fault('P0002', `${path} ${what}`, 'give the path of a profile, a YAML file')]
    }
    if (stat.sizeBytes > maxProfileBytes) {
      return [
        undefined,
        fault(
          'P0003',
          `${path} has ${stat.sizeBytes} bytes; a profile has at most ${maxProfileBytes}`,
          'check that the path is right: this is no profile',
        ),
      ]
    }
    return decodeText(path, (await files.readBytes(path)) ?? new Uint8Array())
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)
    return [
      undefined,
      fault('P0002', `${path} cannot be read (${reason})`, 'check the path and who may read it'),
    ]
  }
}
