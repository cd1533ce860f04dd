import { Buffer } from 'node:buffer'
import type { Host } from '../host.ts'
import type { FileSystemReader } from './file-system-reader.ts'
import { plainPath } from './file-system-reader.ts'

/** As much of a file as is ever looked at: what is larger in an image of others fills no memory. */
const limit = 64 * 1024 * 1024

/** `/11/100644/0/0/os-release/382/`: inode, mode, uid, gid, name, size. */
const listLine = /^\/\d+\/\d+\/\d+\/\d+\/([^/]+)\/\d*\/$/

/** An ext2, 3 or 4 inside an image, read by debugfs(8). Links are not followed. */
export const createExtReader = (host: Host, image: string, offset: number): FileSystemReader => {
  const request = async (words: string, path: string): Promise<Uint8Array> => {
    if (!plainPath.test(path)) return new Uint8Array()
    const chunks: Uint8Array[] = []
    let length = 0
    await host.exec(['debugfs', '-R', `${words} ${path}`, `${image}?offset=${offset}`], {
      doing: `read a file system of ${image}`,
      onStdout: (chunk) => {
        if (length < limit) chunks.push(chunk)
        length += chunk.length
      },
      timeoutMs: 60_000,
    })
    return Buffer.concat(chunks)
  }
  const text = async (words: string, path: string): Promise<string> =>
    new TextDecoder('latin1').decode(await request(words, path))
  const exists = async (path: string): Promise<boolean> => (await text('stat', path)).startsWith('Inode:')
  return {
    exists,
    list: async (folder) =>
      (await text('ls -p', folder))
        .split('\n')
        .flatMap((line) => listLine.exec(line)?.[1] ?? [])
        .filter((name) => name !== '.' && name !== '..')
        .sort(),
    read: async (path) => ((await exists(path)) ? request('cat', path) : undefined),
  }
}
