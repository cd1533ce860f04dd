/** The settings of a `server` or an `agent`: configuration files, environment and command line in their order. */

import { log } from '../log.ts'
import { machinePath } from '../root.ts'
import { readConfigArguments } from './config-file.ts'
import { DATA_DIRECTORY } from './data-directory.ts'
import type { Flag } from './flags.ts'
import { AGENT_FLAGS, SERVER_FLAGS } from './flags.ts'

export type Command = 'server' | 'agent'

export class Settings {
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  /** The last value, or empty. */
  text(name: string, fallback = ''): string {
    const value = this.#values.get(name)?.at(-1) ?? ''
    return value === '' ? fallback : value
  }

  /** All values; those written with commas taken apart where k3s does so. */
  list(name: string, split = false): readonly string[] {
    const values = this.#values.get(name) ?? []
    return split ? values.flatMap((value) => value.split(',')).map((value) => value.trim()) : values
  }

  isSet(name: string): boolean {
    return this.#values.get(name)?.at(-1) === 'true'
  }

  port(name: string, fallback: number): number {
    const text = this.text(name)
    if (text === '') return fallback
    const port = Number(text)
    if (!Number.isInteger(port)) {
      throw new Error(
        `invalid value "${text}" for flag -${name}: strconv.ParseInt: parsing "${text}": invalid syntax`,
      )
    }
    return port
  }

  entries(): IterableIterator<[string, readonly string[]]> {
    return this.#values.entries()
  }

  get dataDirectory(): string {
    return this.text('data-dir', machinePath(DATA_DIRECTORY))
  }
}

export function readSettings(
  command: Command,
  commandLine: readonly string[],
  environment: NodeJS.ProcessEnv,
): Settings {
  const flags = command === 'server' ? SERVER_FLAGS : AGENT_FLAGS
  const fromFiles = readConfigArguments(configPath(commandLine, environment))
  return parseArguments(flags, [...known(command, flags, fromFiles), ...commandLine], environment)
}

export function configPath(commandLine: readonly string[], environment: NodeJS.ProcessEnv): string {
  const variable = environment['K3S_CONFIG_FILE'] ?? ''
  if (variable !== '') return variable
  const index = commandLine.findIndex((argument) => /^(--config|-c)(=|$)/.test(argument))
  const argument = commandLine[index]
  if (argument === undefined) return machinePath('/etc/rancher/k3s/config.yaml')
  return argument.includes('=') ? argument.slice(argument.indexOf('=') + 1) : (commandLine[index + 1] ?? '')
}

/** The server skips keys that it does not know; the agent does not, and fails on them as on flags. */
function known(command: Command, flags: readonly Flag[], fromFiles: readonly string[]): string[] {
  if (command === 'agent') return [...fromFiles]
  return fromFiles.filter((argument) => {
    const [flag = ''] = argument.split('=')
    const name = flag.replace(/^-+/, '')
    if (flags.some((candidate) => candidate.name === name || candidate.alias === name)) return true
    log.warn(`Unknown flag ${flag} found in config.yaml, skipping\n`)
    return false
  })
}

export function parseArguments(
  flags: readonly Flag[],
  commandLine: readonly string[],
  environment: NodeJS.ProcessEnv,
): Settings {
  const values = new Map<string, string[]>()
  for (let index = 0; index < commandLine.length; index++) {
    const argument = commandLine[index] ?? ''
    if (!argument.startsWith('-')) break
    const name = argument.replace(/^-+/, '').split('=')[0] ?? ''
    const flag = flags.find((candidate) => candidate.name === name || candidate.alias === name)
    if (flag === undefined) throw new Error(`flag provided but not defined: -${name}`)
    const equals = argument.indexOf('=')
    let value = argument.slice(equals + 1)
    if (equals < 0) {
      if (flag.kind === 'switch') value = 'true'
      else {
        const next = commandLine[++index]
        if (next === undefined) throw new Error(`flag needs an argument: -${name}`)
        value = next
      }
    }
    if (flag.kind === 'switch') value = switchValue(name, value)
    values.set(flag.name, flag.kind === 'list' ? [...(values.get(flag.name) ?? []), value] : [value])
  }
  for (const { name, variable } of flags) {
    const value = variable === undefined ? '' : (environment[variable] ?? '')
    if (value !== '' && !values.has(name)) values.set(name, [value])
  }
  return new Settings(values)
}

function switchValue(name: string, value: string): string {
  if (/^(1|t|true)$/i.test(value)) return 'true'
  if (/^(0|f|false)$/i.test(value)) return 'false'
  throw new Error(`invalid boolean value "${value}" for -${name}: parse error`)
}

/** For the node's annotation: the arguments, with secrets hidden. */
export function maskedArguments(command: Command, settings: Settings): string[] {
  const secret = /token$|secret-key$|access-key$|session-token$|datastore-endpoint$|vpn-auth$/
  const pairs = [...settings.entries()].flatMap(([name, values]) =>
    values.flatMap((value) => [`--${name}`, secret.test(name) ? '********' : value]),
  )
  return [command, ...pairs]
}
