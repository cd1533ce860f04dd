/** Where the data is, for the commands that need nothing else. They must start fast: YAML is read only when it says so. */

import { readIfPresent } from '../files.ts'
import { machinePath } from '../root.ts'

export const DATA_DIRECTORY = '/var/lib/rancher/k3s'

export async function findDataDirectory(environment: NodeJS.ProcessEnv): Promise<string> {
  const file = environment['K3S_CONFIG_FILE'] ?? machinePath('/etc/rancher/k3s/config.yaml')
  const fallback = environment['K3S_DATA_DIR'] ?? machinePath(DATA_DIRECTORY)
  if (!/data-dir/.test(readIfPresent(file) ?? '')) return fallback
  const { readConfigArguments } = await import('./config-file.ts')
  const prefix = '--data-dir='
  const found = readConfigArguments(file).findLast((argument) => argument.startsWith(prefix))
  return found?.slice(prefix.length) ?? fallback
}
