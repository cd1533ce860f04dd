import type { ResolvedRegistries, ResolvedRegistryConfig } from '../resolve/registries.ts'
import type { InstallEntry } from './build-plan.ts'
import type { K3sConfigPart } from './k3s-config.ts'
import { yamlContent } from './secret-text.ts'
import type { SeedPart } from './seed-files.ts'

export const registriesPath = '/etc/rancher/k3s/registries.yaml'

/** Certificates and keys that registries.yaml names. */
const filesFolder = '/etc/rancher/k3s/registries'

const folderOf = (host: string): string => `${filesFolder}/${host.replaceAll(/[^A-Za-z0-9.-]/g, '_')}`

/** The order in which a profile names them is of no meaning to k3s, and changes no byte. */
const sorted = <T>(map: Readonly<Record<string, T>>): readonly (readonly [string, T])[] =>
  Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1))

const only = <T>(key: string, value: T | null): Readonly<Record<string, T>> =>
  value === null ? {} : { [key]: value }

/** One entry of `configs`, by the names of k3s (docs.k3s.io/installation/private-registry). */
const configEntry = (host: string, config: ResolvedRegistryConfig): Readonly<Record<string, unknown>> => {
  const { username, password, token, ca, cert, key, insecureSkipVerify } = config
  const folder = folderOf(host)
  const auth = {
    ...only('username', username),
    ...only('password', password === null ? null : { secret: password }),
    ...only('identity_token', token === null ? null : { secret: token }),
  }
  const tls = {
    ...only('ca_file', ca === null ? null : `${folder}/ca.crt`),
    ...only('cert_file', cert === null ? null : `${folder}/client.crt`),
    ...only('key_file', key === null ? null : `${folder}/client.key`),
    ...only('insecure_skip_verify', insecureSkipVerify ? true : null),
  }
  return {
    ...only('auth', Object.keys(auth).length === 0 ? null : auth),
    ...only('tls', Object.keys(tls).length === 0 ? null : tls),
  }
}

const mirrorEntry = ({
  endpoints,
  rewrite,
}: ResolvedRegistries['mirrors'][string]): Readonly<Record<string, unknown>> => ({
  ...(endpoints.length === 0 ? {} : { endpoint: endpoints }),
  ...(Object.keys(rewrite).length === 0 ? {} : { rewrite: Object.fromEntries(sorted(rewrite)) }),
})

const filesOf = (host: string, { ca, cert, key }: ResolvedRegistryConfig): readonly InstallEntry[] => {
  const folder = folderOf(host)
  return [
    ...(ca === null
      ? []
      : [
          {
            target: `${folder}/ca.crt`,
            mode: 0o644,
            content: { kind: 'artifact' as const, artifact: ca },
          },
        ]),
    ...(cert === null
      ? []
      : [
          {
            target: `${folder}/client.crt`,
            mode: 0o644,
            content: { kind: 'artifact' as const, artifact: cert },
          },
        ]),
    ...(key === null
      ? []
      : [
          {
            target: `${folder}/client.key`,
            mode: 0o600,
            content: { kind: 'composed' as const, parts: [{ secret: key, as: 'file' as const }] },
          },
        ]),
  ]
}

/** k3s reads it at each start, on servers and agents alike. It may hold passwords, hence its mode. */
export const planRegistries: SeedPart = ({ cluster: { registries } }) => {
  if (registries === null) return []
  const mirrors = sorted(registries.mirrors)
  const configs = sorted(registries.configs)
  const document = {
    ...(mirrors.length === 0
      ? {}
      : { mirrors: Object.fromEntries(mirrors.map(([host, mirror]) => [host, mirrorEntry(mirror)])) }),
    ...(configs.length === 0
      ? {}
      : { configs: Object.fromEntries(configs.map(([host, config]) => [host, configEntry(host, config)])) }),
  }
  return [
    { target: registriesPath, mode: 0o600, content: yamlContent(document) },
    ...configs.flatMap(([host, config]) => filesOf(host, config)),
  ]
}

/** The keys of config.yaml that belong to registries: two of them are servers' alone. */
export const registriesPart: K3sConfigPart = ({ cluster: { registries } }, node) =>
  registries === null
    ? {}
    : {
        ...(registries.defaultEndpoint ? {} : { 'disable-default-registry-endpoint': true }),
        ...(node.role === 'server' && registries.embedded ? { 'embedded-registry': true } : {}),
        ...(node.role === 'server' ? only('system-default-registry', registries.systemDefault) : {}),
      }
