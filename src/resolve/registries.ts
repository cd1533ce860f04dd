import { pathText } from '../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from '../profile/schema.ts'
import type { ArtifactPin } from './pins.ts'
import type { ProfileSecret, WrittenReference } from './secret-source.ts'
import { profileSecret } from './secret-source.ts'

export interface ResolvedRegistries {
  readonly mirrors: Readonly<
    Record<
      string,
      { readonly endpoints: readonly string[]; readonly rewrite: Readonly<Record<string, string>> }
    >
  >
  readonly configs: Readonly<Record<string, ResolvedRegistryConfig>>
  /** Nodes share their images. */
  readonly embedded: boolean
  /** Whether the registry itself is asked after its mirrors. */
  readonly defaultEndpoint: boolean
  readonly systemDefault: string | null
}

export interface ResolvedRegistryConfig {
  readonly username: string | null
  readonly password: ProfileSecret | null
  readonly token: ProfileSecret | null
  readonly ca: ArtifactPin | null
  readonly cert: ArtifactPin | null
  readonly key: ProfileSecret | null
  readonly insecureSkipVerify: boolean
}

type Registries = NonNullable<Profile['cluster']['k3s']['registries']>

/** PEM files of the user's that registries are known by. */
export const registryFiles = ({ cluster }: Profile): readonly string[] =>
  Object.values(cluster.k3s.registries?.configs ?? {}).flatMap(({ tls }) =>
    [tls?.ca, tls?.cert].filter((file) => file !== undefined),
  )

/** Every registry: what the embedded one shares when the profile names none. */
const anyRegistry = '*'

const mirrorsOf = ({ mirrors, embedded }: Registries): ResolvedRegistries['mirrors'] => {
  if (mirrors === undefined) return embedded === true ? { [anyRegistry]: { endpoints: [], rewrite: {} } } : {}
  return Object.fromEntries(
    Object.entries(mirrors).map(([host, { endpoint, rewrite }]) => [
      host,
      { endpoints: endpoint ?? [], rewrite: { ...rewrite } },
    ]),
  )
}

export const resolveRegistries = (
  { cluster }: Profile,
  pinOf: (name: string) => readonly ArtifactPin[],
): ResolvedRegistries | null => {
  const { registries } = cluster.k3s
  if (registries === undefined) return null
  const pin = (file: string | undefined): ArtifactPin | null =>
    file === undefined ? null : (pinOf(file)[0] ?? null)
  const configs = Object.entries(registries.configs ?? {}).map(([host, { auth, tls }]) => {
    const secret = (
      written: WrittenReference | undefined,
      ...keys: readonly string[]
    ): ProfileSecret | null =>
      written === undefined
        ? null
        : profileSecret(pathText(['cluster', 'k3s', 'registries', 'configs', host, ...keys]), written)
    const config: ResolvedRegistryConfig = {
      username: auth?.username ?? null,
      password: secret(auth?.password, 'auth', 'password'),
      token: secret(auth?.token, 'auth', 'token'),
      ca: pin(tls?.ca),
      cert: pin(tls?.cert),
      key: secret(tls?.key, 'tls', 'key'),
      insecureSkipVerify: tls?.insecureSkipVerify ?? false,
    }
    return [host, config] as const
  })
  return {
    mirrors: mirrorsOf(registries),
    configs: Object.fromEntries(configs),
    embedded: registries.embedded ?? false,
    defaultEndpoint: registries.defaultEndpoint ?? true,
    systemDefault: registries.systemDefault ?? null,
  }
}
