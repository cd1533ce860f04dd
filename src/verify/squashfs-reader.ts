import type { Host } from '../host/host.ts'

export interface SquashfsEntry {
  /** `bin/k3s` */
  readonly path: string
  /** `-rwxr-xr-x` */
  readonly mode: string
  readonly sizeBytes: number
}

/** A squashfs inside an image, read by unsquashfs: no mount, no root. */
export interface SquashfsReader {
  /** Regular files; below one folder when it is named. */
  readonly list: (folder?: string) => Promise<readonly SquashfsEntry[]>
  readonly read: (path: string) => Promise<string | undefined>
}

/** `-rwxr-xr-x 0/0   102498496 2026-11-22 17:52 squashfs-root/bin/k3s` */
const linePattern = /^(-\S+)\s+\S+\s+(\d+)\s+\S+\s+\S+\s+squashfs-root\/(.+)$/

export const createSquashfsReader = (host: Host, image: string, offset: number): SquashfsReader => {
  const at = ['-o', String(offset)]
  return {
    list: async (folder) => {
      const { stdout } = await host.exec(
        ['unsquashfs', ...at, '-lln', image, ...(folder === undefined ? [] : [folder])],
        { doing: `list the files of ${image}` },
      )
      return stdout.split('\n').flatMap((line) => {
        const [, mode, size, path] = linePattern.exec(line) ?? []
        return mode === undefined || path === undefined ? [] : [{ path, mode, sizeBytes: Number(size) }]
      })
    },
    read: async (path) => {
      const { stdout, exitCode } = await host.exec(['unsquashfs', ...at, '-cat', image, path], {
        okCodes: [0, 1, 2],
      })
      return exitCode === 0 ? stdout : undefined
    },
  }
}
