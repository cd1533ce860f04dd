import { join, resolve } from 'node:path'
import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import type { ImageReference } from '../../../profile/image-reference.ts'
import type { PullRequest, PullSettings } from '../../lock-request.ts'

/** How skopeo is called for images of one registry. */
export interface SkopeoAccess {
  /** Options of skopeo itself, before the subcommand. */
  readonly global: readonly string[]
  /** Of the registry, under the names that `inspect` has; `copy` wants `--src-` in front. */
  readonly login: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const hostOf = (mirror: string): string => mirror.split('/')[0] ?? mirror

/** Docker's own file names its hub in this way. */
const authKey = (registry: string): string =>
  registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry

/** Where podman, skopeo and docker leave logins, first found first (containers-auth.json(5)). */
export const loginFiles = (environment: Readonly<Record<string, string | undefined>>): readonly string[] => {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, DOCKER_CONFIG, HOME = '/' } = environment
  return [
    ...(REGISTRY_AUTH_FILE === undefined ? [] : [REGISTRY_AUTH_FILE]),
    ...(XDG_RUNTIME_DIR === undefined ? [] : [join(XDG_RUNTIME_DIR, 'containers/auth.json')]),
    join(XDG_CONFIG_HOME ?? join(HOME, '.config'), 'containers/auth.json'),
    join(DOCKER_CONFIG ?? join(HOME, '.docker'), 'config.json'),
  ]
}

type LoginFile = Readonly<Record<string, unknown>>

const readLogins = async (host: Host): Promise<LoginFile> => {
  let merged: Record<string, unknown> = {}
  for (const path of [...loginFiles(host.environment)].reverse()) {
    const text = await host.files.readText(path)
    if (text === undefined) continue
    try {
      const file = JSON.parse(text) as LoginFile
      merged = { ...merged, ...file, auths: { ...(merged['auths'] as object), ...(file['auths'] as object) } }
    } catch {
      host.report.warn(`${path} is no JSON: logins in it are not used`)
    }
  }
  return merged
}

/** A file that only we can read: a password on a command line is seen by every user of the machine. */
const writeLogins = async (
  host: Host,
  folder: string,
  request: PullRequest,
  settings: readonly PullSettings[],
): Promise<string> => {
  const known = await readLogins(host)
  const auths: Record<string, unknown> = { ...(known['auths'] as object) }
  for (const { registry, login } of settings) {
    if (login === null) continue
    const password = await request.readSecret(login.password)
    const pair = Buffer.concat([Buffer.from(`${login.username}:`), password])
    auths[authKey(registry)] = { auth: pair.toString('base64') }
  }
  const path = join(folder, 'logins.json')
  await host.files.writeAtomic(path, JSON.stringify({ ...known, auths }), { mode: 0o600 })
  return path
}

const quote = (text: string): string => JSON.stringify(text)

/** containers-registries.conf(5): mirrors are asked in order, the registry itself last. */
export const registriesConf = (registry: string, settings: readonly PullSettings[]): string => {
  const insecure = (name: string): boolean => settings.some((each) => each.registry === name && each.insecure)
  const mirrors = settings.find((each) => each.registry === registry)?.mirrors ?? []
  return [
    'unqualified-search-registries = []',
    '[[registry]]',
    `prefix = ${quote(registry)}`,
    `location = ${quote(registry)}`,
    `insecure = ${insecure(registry)}`,
    ...mirrors.flatMap((mirror) => [
      '[[registry.mirror]]',
      `location = ${quote(mirror)}`,
      `insecure = ${insecure(hostOf(mirror))}`,
    ]),
    '',
  ].join('\n')
}

/** One folder with every CA: skopeo trusts those beside the machine's own. */
const writeAuthorities = async (
  host: Host,
  folder: string,
  request: PullRequest,
  files: readonly string[],
): Promise<string> => {
  const target = join(folder, 'authorities')
  await host.files.makeDirectory(target)
  for (const [index, name] of files.entries()) {
    const path = resolve(request.folder, name)
    const text = await host.files.readText(path)
    const at = ['images', 'pull', request.pull.findIndex(({ ca }) => ca === name), 'ca']
    if (text === undefined)
      throw new EnvironmentFault(`${path} is missing`, 'put the CA of the registry there', { at })
    if (!text.includes('-----BEGIN CERTIFICATE-----'))
      throw new EnvironmentFault(`${path} holds no certificate`, 'wanted is a PEM file', { at })
    await host.files.writeAtomic(join(target, `${index}.crt`), text)
  }
  return target
}

/** The machine's own rules for signatures, where it has any: they are obeyed. Digests are what we go by. */
const policy = async (host: Host): Promise<readonly string[]> => {
  const { HOME = '/' } = host.environment
  for (const path of [join(HOME, '.config/containers/policy.json'), '/etc/containers/policy.json'])
    if ((await host.files.stat(path)) !== undefined) return []
  return ['--insecure-policy']
}

/** Lays out what skopeo reads besides its command line; `folder` is removed when the image has been read. */
export const skopeoAccess = async (
  host: Host,
  folder: string,
  request: PullRequest,
  { registry }: ImageReference,
): Promise<SkopeoAccess> => {
  const own = request.pull.find((each) => each.registry === registry)
  const hosts = [registry, ...(own?.mirrors ?? []).map(hostOf)]
  const settings = request.pull.filter((each) => hosts.includes(each.registry))
  const authorities = [...new Set(settings.flatMap(({ ca }) => (ca === null ? [] : [ca])))]
  const login: string[] = []
  const global = [...(await policy(host))]
  const env: Record<string, string> = {}
  if (settings.some((each) => each.login !== null))
    login.push('--authfile', await writeLogins(host, folder, request, settings))
  if (authorities.length > 0)
    login.push('--cert-dir', await writeAuthorities(host, folder, request, authorities))
  for (const name of ['REGISTRY_AUTH_FILE', 'DOCKER_CONFIG', 'XDG_CONFIG_HOME']) {
    const value = host.environment[name]
    if (value !== undefined) env[name] = value
  }
  if (settings.length > 0) {
    const path = join(folder, 'registries.conf')
    await host.files.writeAtomic(path, registriesConf(registry, settings))
    global.push('--registries-conf', path)
  }
  return { global, login, env }
}

/** `--authfile` of `inspect` is `--src-authfile` of `copy`. */
export const sourceOptions = (login: readonly string[]): readonly string[] =>
  login.map((word) => (word.startsWith('--') ? `--src-${word.slice(2)}` : word))
