import { join } from 'node:path'
import type { Host } from '../../host/host.ts'

/** openssl as a second opinion, with a folder of its own for what it reads. */
export interface OpensslBench {
  readonly folder: string
  /** Writes a file there, for its owner alone; returns its path. */
  readonly save: (name: string, text: string) => Promise<string>
  /** What the program prints; throws when it fails. */
  readonly openssl: (...args: readonly string[]) => Promise<string>
}

export const makeOpensslBench = async (host: Host): Promise<OpensslBench> => {
  const folder = await host.files.makeTemporaryDirectory('openssl-')
  return {
    folder,
    save: async (name, text) => {
      const path = join(folder, name.replace('/', '-'))
      await host.files.writeAtomic(path, text, { mode: 0o600 })
      return path
    },
    openssl: async (...args) => (await host.exec(['openssl', ...args])).stdout,
  }
}
