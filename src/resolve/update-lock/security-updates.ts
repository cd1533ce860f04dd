import { join } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { BaseRecipe } from '../../recipes/recipe.ts'
import { parseMadison } from '../apt-output.ts'
import type { Lock } from '../lock.ts'
import type { Architecture } from '../pins.ts'
import { createAptRoot } from './apt-root.ts'

export interface SecurityUpdate {
  readonly name: string
  readonly architecture: Architecture
  readonly pinned: string
  readonly available: string
}

const isNewer = async (host: Host, available: string, pinned: string): Promise<boolean> => {
  if (available === pinned) return false
  const { exitCode } = await host.exec(['dpkg', '--compare-versions', available, 'gt', pinned], {
    okCodes: [0, 1],
    doing: 'compare versions',
  })
  return exitCode === 0
}

/** Pinned packages of which the recipe's security suites (`*-security`) hold a newer version. */
export const securityUpdates = async (
  host: Host,
  folder: string,
  recipe: BaseRecipe,
  lock: Lock,
): Promise<readonly SecurityUpdate[]> => {
  const suites = [...recipe.suites, ...recipe.firmwareSuites].filter(({ suite }) =>
    suite.endsWith('-security'),
  )
  const updates: SecurityUpdate[] = []
  for (const [key, inRoot = []] of Object.entries(lock.base.packages)) {
    const architecture = key as Architecture
    const kernels = Object.values(lock.base.kernels[architecture] ?? {})
    const packages = [
      ...inRoot,
      ...kernels.flatMap(({ source, packages: own }) => (source === 'given' ? [] : own)),
      ...(lock.base.firmware[architecture] ?? []),
    ]
    const apt = await createAptRoot(host, join(folder, architecture), recipe, architecture, suites)
    const text = await apt.run('apt-cache', ['madison', ...packages.map(({ name }) => name)])
    // madison lists each version of a package; only the newest matters.
    const newest = new Map<string, string>()
    for (const { name, version } of parseMadison(text)) {
      const known = newest.get(name)
      if (known === undefined || (await isNewer(host, version, known))) newest.set(name, version)
    }
    for (const { name, version } of packages) {
      const available = newest.get(name)
      if (available === undefined || !(await isNewer(host, available, version))) continue
      updates.push({ name, architecture, pinned: version, available })
    }
  }
  return updates
}
