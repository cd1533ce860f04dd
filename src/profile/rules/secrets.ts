import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { pathText } from '../../diagnostics/yaml/yaml-tree.ts'
import { k3sSettings } from '../k3s-settings.ts'
import type { Profile } from '../schema.ts'
import { hasPassword, isReference, leavesOf, referenceFault } from '../secret-values.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

/** A secret that stands in the profile, where the schema takes any text. */
export interface LiteralSecret {
  readonly path: Path
  readonly value: string
}

type Holder = Pick<RuleContext, 'profile' | 'nodes' | 'recipes'>

/** Values of config.yaml that a key of k3s makes a secret, and addresses with a password in them. */
const literalsOfConfig = (holder: Holder): readonly LiteralSecret[] =>
  k3sSettings(holder).flatMap(({ name, value: whole, path: at }) => {
    const { owned, secret = 'never' } = holder.recipes.k3s.keys.get(name) ?? {}
    // Keys that the tool sets are refused as a whole, and their values masked.
    if (owned !== undefined) return []
    return leavesOf(whole, at).flatMap(({ path, value }) => {
      if (isReference(value) || typeof value !== 'string') return []
      const isSecret = secret === 'always' || (secret === 'with-password' && value.includes('@'))
      return isSecret || hasPassword(value) ? [{ path, value }] : []
    })
  })

/** An address of a proxy holds an `@` only after a user and a password. */
const literalsOfProxy = ({ site }: Profile): readonly LiteralSecret[] =>
  (['http', 'https'] as const).flatMap((key) => {
    const value = site?.proxy?.[key]
    return typeof value === 'string' && value.includes('@') ? [{ path: ['site', 'proxy', key], value }] : []
  })

export const literalSecrets = (holder: Holder): readonly LiteralSecret[] => [
  ...literalsOfConfig(holder),
  ...literalsOfProxy(holder.profile),
]

export const noLiteralSecrets: Rule = (context) =>
  literalSecrets(context).map(({ path }) =>
    faultAt(context, 'R1001', path, `\`${pathText(path)}\` holds a secret`, {
      secret: path,
      help: 'write `{ env: NAME }` or `{ file: PATH }`',
    }),
  )

/** Settings from which other parts of the image follow. */
const mustBeKnown: ReadonlySet<string> = new Set([
  'cluster-cidr',
  'service-cidr',
  'cluster-domain',
  'cluster-dns',
  'tls-san',
])

/** References within config.yaml, of which the schema knows nothing. */
export const configReferences: Rule = (context) =>
  k3sSettings(context).flatMap(({ name, value: whole, path: at }) =>
    leavesOf(whole, at).flatMap(({ path, value }): readonly Diagnostic[] => {
      if (!isReference(value)) return []
      const why = referenceFault(value)
      if (why !== undefined)
        return [
          faultAt(context, 'R1002', path, `the reference \`${pathText(path)}\` ${why}`, { secret: path }),
        ]
      if (!mustBeKnown.has(name)) return []
      return [
        faultAt(context, 'R1003', path, `\`${name}\` cannot be a reference`, {
          help: 'write its value here: other parts of the image follow from it',
        }),
      ]
    }),
  )
