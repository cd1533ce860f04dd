import type { Host } from '../host/host.ts'
import { resourcePath } from './resources.ts'

/** Version of this program, from its package.json. */
export const toolVersion = async (host: Host): Promise<string> => {
  const text = await host.files.readText(resourcePath('package.json'))
  const { version } = JSON.parse(text ?? '{}') as { readonly version?: string }
  if (version === undefined)
    throw new Error('package.json names no version: the installation is not complete')
  return version
}
