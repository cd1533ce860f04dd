import { basename, join, resolve } from 'node:path'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import { shellQuote } from '../../host/shell-quote.ts'
import { checkSshKey } from '../../profile/ssh-key.ts'
import { starterProfile } from '../../profile/starter.ts'
import { exitCodes } from '../exit-codes.ts'
import type { InitOptions } from '../options.ts'

const fileName = 'profile.yaml'

/** A folder's name as a DNS label: `My Site` -> `my-site`. */
export const clusterNameFrom = (folder: string): string =>
  folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    // Room for `-1` of the first node.
    .slice(0, 50)
    .replace(/^-+|-+$/g, '') || 'cluster'

/** Public keys of whoever runs the command, those that a plain YAML text can hold as they are. */
const ownKeys = async (host: Host): Promise<readonly string[]> => {
  const home = host.environment['HOME']
  if (home === undefined || home === '') return []
  const folder = join(home, '.ssh')
  // A missing or closed folder is no fault: the key is added by hand.
  const names = await host.files.list(folder).catch((): readonly string[] => [])
  const keys = await Promise.all(
    names
      .filter((name) => name.endsWith('.pub'))
      .toSorted()
      .map((name) => host.files.readText(join(folder, name)).catch(() => undefined)),
  )
  return keys
    .map((key) => key?.trim() ?? '')
    .filter((key) => /^[A-Za-z0-9@. +/=_-]+$/.test(key) && checkSshKey(key) === undefined)
}

const refuse = (path: string): EnvironmentFault =>
  new EnvironmentFault(
    `${path} exists and is never overwritten`,
    'Name another folder, or move the file away.',
  )

/** Writes a commented starter profile; never over an existing file. */
export const run = async (host: Host, { directory, terminal, format }: InitOptions): Promise<number> => {
  const path = join(directory, fileName)
  if ((await host.files.stat(path)) !== undefined) throw refuse(path)
  const sshKeys = await ownKeys(host)
  const text = starterProfile({ name: clusterNameFrom(basename(resolve(directory))), sshKeys })
  await host.files.makeDirectory(directory)
  if (!(await host.files.createExclusive(path, text))) throw refuse(path)
  if (format === 'json') {
    terminal.out(`${JSON.stringify({ path, sshKeys: sshKeys.length }, null, 2)}\n`)
    return exitCodes.ok
  }
  const keys =
    sshKeys.length === 0
      ? 'Add your public ssh key to it, then:'
      : `It lets you in by ${sshKeys.length} key${sshKeys.length === 1 ? '' : 's'} of ~/.ssh. Next:`
  const quoted = shellQuote(path)
  terminal.err(`wrote ${path}
${keys}
  appliance validate ${quoted}
  appliance lock ${quoted}
`)
  return exitCodes.ok
}
