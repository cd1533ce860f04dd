/** Lines of nft's own language (nft(8)), as plain text: what a rule says is decided in node-rules.ts. */

export interface NftChain {
  readonly name: string
  /** Where a base chain hangs; null for one that others jump to. */
  readonly hook: { readonly hook: 'input' | 'forward' | 'output'; readonly policy: 'accept' | 'drop' } | null
  readonly rules: readonly string[]
}

export interface NftSet {
  readonly name: string
  readonly family: 4 | 6
  /** `192.168.10.11/32`, none within another. */
  readonly networks: readonly string[]
}

export const tableName = 'inet appliance'

/** `{ 80, 443 }`, and one alone without braces. */
export const anyOf = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] ?? '') : `{ ${values.join(', ')} }`

const setText = ({ name, family, networks }: NftSet): readonly string[] => [
  `\tset ${name} {`,
  `\t\ttype ipv${family}_addr`,
  '\t\tflags interval',
  ...(networks.length === 0 ? [] : [`\t\telements = { ${networks.join(', ')} }`]),
  '\t}',
]

const chainText = ({ name, hook, rules }: NftChain): readonly string[] => [
  `\tchain ${name} {`,
  ...(hook === null ? [] : [`\t\ttype filter hook ${hook.hook} priority filter; policy ${hook.policy};`]),
  ...rules.map((rule) => `\t\t${rule}`),
  '\t}',
]

/**
 * A file for `nft -f` that replaces one table whole and in one transaction: there is no moment without rules, a file with
 * a fault changes nothing, and tables of others (k3s's own among them) are not touched. The first line makes the table
 * where there is none, so that the second always finds one.
 */
export const tableText = (comment: string, sets: readonly NftSet[], chains: readonly NftChain[]): string =>
  [
    `# ${comment}`,
    `table ${tableName}`,
    `delete table ${tableName}`,
    `table ${tableName} {`,
    ...[...sets.map(setText), ...chains.map(chainText)].flatMap((lines, index) =>
      index === 0 ? lines : ['', ...lines],
    ),
    '}',
    '',
  ].join('\n')
