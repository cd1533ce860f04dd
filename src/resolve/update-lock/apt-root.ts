import { join } from 'node:path'
import { EnvironmentFault, StepFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { BaseRecipe } from '../../recipes/recipe.ts'
import type { Architecture } from '../pins.ts'

/** apt with a private configuration, state and cache: the machine's own lists, sources and packages play no part. */
export interface AptRoot {
  /** Whose packages it knows. */
  readonly suites: BaseRecipe['suites']
  readonly run: (program: 'apt-get' | 'apt-cache', args: readonly string[]) => Promise<string>
}

export const sourcesList = (recipe: BaseRecipe, suites: BaseRecipe['suites'] = recipe.suites): string =>
  suites
    .map(
      ({ archive, suite, components }) =>
        `deb [signed-by=${recipe.keyring}] ${recipe.archives[archive]} ${suite} ${components.join(' ')}\n`,
    )
    .join('')

/** No `Dir::Etc::parts`: nothing of the machine's settings but proxies in the environment. */
export const aptConfiguration = (root: string, architecture: Architecture): string =>
  [
    `Dir "${root}";`,
    `Dir::State::status "${root}/status";`,
    `Dir::Etc::parts "${root}/none";`,
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Install-Recommends "false";',
    'APT::Sandbox::User "";',
    // apt takes itself for essential; a node has a read-only root and no use for it.
    'pkgCacheGen::ForceEssential ",";',
    'Acquire::Languages "none";',
    'Acquire::ForceHash "SHA256";',
    '',
  ].join('\n')

const updateFault = (error: StepFault, recipe: BaseRecipe): unknown => {
  const text = error.lastLines.join('\n')
  if (/NO_PUBKEY|not signed|no longer signed|signatures? (?:were|was|couldn)/i.test(text)) {
    return new EnvironmentFault(
      `the keyring ${recipe.keyring} does not hold the keys that sign ${Object.values(recipe.archives).join(', ')}`,
      'install a newer debian-archive-keyring (2023.3+deb12u2 or later knows Debian 13)',
      { cause: error },
    )
  }
  if (/Could not|Failed to fetch|Temporary failure|Connection/i.test(text)) {
    const line = error.lastLines.find((each) => /^(?:E|W|Err)/.test(each)) ?? 'no answer'
    return new EnvironmentFault(
      `the package lists cannot be fetched: ${line}`,
      'check the network; http_proxy and https_proxy are used',
      { cause: error },
    )
  }
  return error
}

/** Fetches the lists of the suites into `folder`, their signatures checked against the recipe's keyring. */
export const createAptRoot = async (
  host: Host,
  folder: string,
  recipe: BaseRecipe,
  architecture: Architecture,
  suites: BaseRecipe['suites'] = recipe.suites,
): Promise<AptRoot> => {
  if ((await host.files.stat(recipe.keyring)) === undefined) {
    throw new EnvironmentFault(
      `the keyring ${recipe.keyring} is missing`,
      'install it with `sudo apt-get install debian-archive-keyring`',
    )
  }
  for (const name of ['etc/apt/sources.list.d', 'etc/apt/preferences.d', 'etc/apt/trusted.gpg.d', 'none']) {
    await host.files.makeDirectory(join(folder, name))
  }
  for (const name of ['var/lib/apt/lists/partial', 'var/cache/apt/archives/partial']) {
    await host.files.makeDirectory(join(folder, name))
  }
  const configuration = join(folder, 'apt.conf')
  await host.files.writeAtomic(join(folder, 'status'), '')
  await host.files.writeAtomic(join(folder, 'etc/apt/sources.list'), sourcesList(recipe, suites))
  await host.files.writeAtomic(configuration, aptConfiguration(folder, architecture))
  const env = { APT_CONFIG: configuration }
  try {
    await host.exec(['apt-get', 'update', '-qq', '--error-on=any'], {
      env,
      doing: `fetch the package lists of ${recipe.title} for ${architecture}`,
    })
  } catch (error) {
    throw error instanceof StepFault ? updateFault(error, recipe) : error
  }
  return {
    suites,
    run: async (program, args) => {
      const { stdout } = await host.exec([program, ...args], { env, doing: 'choose packages' })
      return stdout
    },
  }
}
