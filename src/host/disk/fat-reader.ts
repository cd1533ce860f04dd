import type { Host } from '../host.ts'

/** A FAT file system inside an image, read by mtools: no mount, no root. */
export interface FatReader {
  /** Paths of all files, sorted: `['loader/loader.conf']`. */
  readonly list: () => Promise<readonly string[]>
  readonly read: (path: string) => Promise<string | undefined>
}

export const createFatReader = (host: Host, image: string, offset: number): FatReader => {
  const drive = ['-i', `${image}@@${offset}`]
  const env = { MTOOLS_SKIP_CHECK: '1' }
  return {
    list: async () => {
      const { stdout } = await host.exec(['mdir', ...drive, '-/', '-b', '-a', '::'], {
        env,
        doing: `list the files of ${image}`,
        okCodes: [0, 1], // 1: an empty file system
      })
      return stdout
        .split('\n')
        .filter((line) => line.startsWith('::/') && !line.endsWith('/'))
        .map((line) => line.slice(3))
        .sort()
    },
    read: async (path) => {
      const { stdout, exitCode } = await host.exec(['mtype', ...drive, `::${path}`], { env, okCodes: [0, 1] })
      return exitCode === 0 ? stdout : undefined
    },
  }
}
