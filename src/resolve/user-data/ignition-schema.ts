import Type from 'typebox'

const closed = { additionalProperties: false } as const

/** What useradd of Debian takes as a name. */
const name = Type.String({ pattern: '^[a-z_][a-z0-9_-]*$' })

const path = Type.String({ pattern: '^/.*[^/]$' })

const account = Type.Object({ id: Type.Optional(Type.Integer()), name: Type.Optional(name) }, closed)

const owned = {
  path,
  overwrite: Type.Optional(Type.Boolean()),
  user: Type.Optional(account),
  group: Type.Optional(account),
}

const contents = Type.Object(
  {
    source: Type.Optional(Type.String()),
    compression: Type.Optional(Type.Enum(['', 'gzip'])),
    // Written empty by some makers of Ignition's JSON.
    verification: Type.Optional(Type.Object({}, closed)),
  },
  closed,
)

const contentsOrText = Type.Object({ ...contents.properties, inline: Type.Optional(Type.String()) }, closed)

const user = Type.Object(
  {
    name,
    passwordHash: Type.Optional(Type.String()),
    sshAuthorizedKeys: Type.Optional(Type.Array(Type.String())),
    uid: Type.Optional(Type.Integer()),
    gecos: Type.Optional(Type.String({ pattern: '^[^:\\n]*$' })),
    homeDir: Type.Optional(path),
    noCreateHome: Type.Optional(Type.Boolean()),
    primaryGroup: Type.Optional(name),
    groups: Type.Optional(Type.Array(name)),
    noUserGroup: Type.Optional(Type.Boolean()),
    noLogInit: Type.Optional(Type.Boolean()),
    shell: Type.Optional(path),
    system: Type.Optional(Type.Boolean()),
  },
  closed,
)

const group = Type.Object(
  { name, gid: Type.Optional(Type.Integer()), system: Type.Optional(Type.Boolean()) },
  closed,
)

const unit = Type.Object(
  {
    name: Type.String({
      pattern:
        '^[A-Za-z0-9:_.@\\\\-]+\\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$',
    }),
    enabled: Type.Optional(Type.Boolean()),
    mask: Type.Optional(Type.Boolean()),
    contents: Type.Optional(Type.String()),
    dropins: Type.Optional(
      Type.Array(
        Type.Object(
          { name: Type.String({ pattern: '^[^/]+\\.conf$' }), contents: Type.Optional(Type.String()) },
          closed,
        ),
      ),
    ),
  },
  closed,
)

const directory = Type.Object({ ...owned, mode: Type.Optional(Type.Integer()) }, closed)

const link = Type.Object(
  { ...owned, target: Type.String({ pattern: '.' }), hard: Type.Optional(Type.Boolean()) },
  closed,
)

const sections = <C extends typeof contents | typeof contentsOrText>(contentsOf: C) => ({
  passwd: Type.Optional(
    Type.Object({ users: Type.Optional(Type.Array(user)), groups: Type.Optional(Type.Array(group)) }, closed),
  ),
  storage: Type.Optional(
    Type.Object(
      {
        directories: Type.Optional(Type.Array(directory)),
        files: Type.Optional(
          Type.Array(
            Type.Object(
              { ...owned, mode: Type.Optional(Type.Integer()), contents: Type.Optional(contentsOf) },
              closed,
            ),
          ),
        ),
        links: Type.Optional(Type.Array(link)),
      },
      closed,
    ),
  ),
  systemd: Type.Optional(Type.Object({ units: Type.Optional(Type.Array(unit)) }, closed)),
})

/**
 * Ignition's own keys that mean something on a node, as its specification 3.3.0 has them (coreos.github.io/ignition). What 3.4.0
 * and 3.5.0 add is none of them, but for modes beyond permissions, which are refused.
 */
export const ignitionSchema = Type.Object(
  {
    ignition: Type.Object(
      { version: Type.Enum(['3.0.0', '3.1.0', '3.2.0', '3.3.0', '3.4.0', '3.5.0']) },
      closed,
    ),
    ...sections(contents),
  },
  closed,
)

/** `homeDir` -> `home_dir`: Butane calls every key so. */
export const butaneKey = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** `home_dir` -> `homeDir`. */
export const ignitionKey = (key: string): string =>
  key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const withButaneKeys = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withButaneKeys)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === 'properties'
        ? Object.fromEntries(
            Object.entries(value as object).map(([property, inner]) => [
              butaneKey(property),
              withButaneKeys(inner),
            ]),
          )
        : withButaneKeys(value),
    ]),
  )
}

/** The same keys as Butane writes them (coreos.github.io/butane, config-fcos-v1_5 and config-flatcar-v1_1). */
export const butaneSchema = withButaneKeys(
  Type.Object(
    {
      variant: Type.Enum(['fcos', 'flatcar']),
      version: Type.Enum(['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0', '1.5.0', '1.6.0']),
      ...sections(contentsOrText),
    },
    closed,
  ),
) as object

const writtenSchema = Type.Object(sections(contentsOrText), closed)

/** What the user wrote, in either form, with Ignition's names of keys. */
export type WrittenConfig = Type.Static<typeof writtenSchema>
export type WrittenContents = Type.Static<typeof contentsOrText>
export type IgnitionUser = Type.Static<typeof user>
export type IgnitionGroup = Type.Static<typeof group>
export type IgnitionUnit = Type.Static<typeof unit>
export type IgnitionDirectory = Type.Static<typeof directory>
export type IgnitionLink = Type.Static<typeof link>

export interface IgnitionFile extends IgnitionDirectory {
  readonly overwrite: true
  readonly contents: { readonly source: string }
}

/** A fragment as the lock and the document of a node have it: whole, and every file may be written a second time. */
export interface IgnitionFragmentConfig {
  readonly ignition: { readonly version: '3.3.0' }
  readonly passwd: { readonly users: readonly IgnitionUser[]; readonly groups: readonly IgnitionGroup[] }
  readonly storage: {
    readonly directories: readonly IgnitionDirectory[]
    readonly files: readonly IgnitionFile[]
    readonly links: readonly IgnitionLink[]
  }
  readonly systemd: { readonly units: readonly IgnitionUnit[] }
}
