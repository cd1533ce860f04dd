import type { CodeEntry } from '../../diagnostics/codes.ts'
import { codes } from '../../diagnostics/codes.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import type { Host } from '../../host/host.ts'
import type { K3sKeyDescription } from '../../profile/describe-k3s-key.ts'
import { describeK3sKey, k3sKeyOfPath } from '../../profile/describe-k3s-key.ts'
import type { KeyDescription } from '../../profile/describe-schema.ts'
import { describeKey, everyKey } from '../../profile/describe-schema.ts'
import type { K3sTables } from '../../recipes/k3s-tables.ts'
import { readRecipes } from '../../recipes/read-recipes.ts'
import { exitCodes } from '../exit-codes.ts'
import type { ExplainOptions } from '../options.ts'
import { resourcePath } from '../resources.ts'

const catalogue: Readonly<Record<string, CodeEntry>> = codes

const keyText = ({ path, description, type, required, fallback, examples, keys }: KeyDescription): string => {
  const lines = [path, '', description, '', `Type: ${type}.${required ? ' Must be set.' : ''}`]
  if (fallback !== undefined) lines.push(`Default: ${JSON.stringify(fallback)}`)
  if (examples.length > 0) lines.push('', 'Examples:', ...examples.map((example) => `  ${example}`))
  if (keys.length > 0) {
    const width = Math.max(...keys.map((key) => key.name.length))
    lines.push('', 'Keys:', ...keys.map((key) => `  ${key.name.padEnd(width)}  ${key.description}`))
  }
  return `${lines.join('\n')}\n`
}

const k3sKeyText = (
  subject: string,
  { description, type, fallback, releases, places, notes }: K3sKeyDescription,
): string =>
  [
    subject,
    '',
    description,
    '',
    `Type: ${type}.`,
    ...(fallback === null ? [] : [`Default: ${JSON.stringify(fallback)}`]),
    `Releases of k3s: ${releases}.`,
    ...(places.length === 0 ? [] : [`Where: ${places.join(', ')}.`]),
    ...notes,
    '',
  ].join('\n')

/** Keys of k3s that are near: `embeded-registry` -> `cluster.k3s.config.embedded-registry`. */
const nearestK3sKey = (subject: string, { keys }: K3sTables): string | undefined => {
  const name = suggest(k3sKeyOfPath(subject) ?? subject, [...keys.keys()])
  const section = keys.get(name ?? '')?.on === 'agent' ? 'agentConfig' : 'config'
  return name === undefined ? undefined : `cluster.k3s.${section}.${name}`
}

/** A bare or misspelt key is looked up by its last word, too: `bord` -> `nodes.board`. */
const nearest = (subject: string): string | undefined => {
  // Nodes before defaults, which has the same keys.
  const paths = everyKey()
    .map(({ path }) => path)
    .toSorted((a, b) => Number(a.startsWith('defaults')) - Number(b.startsWith('defaults')))
  const wordOf = (path: string): string => path.split('.').at(-1) ?? path
  const near = suggest(subject, [...Object.keys(catalogue), ...paths])
  if (near !== undefined) return near
  const word = suggest(wordOf(subject), paths.map(wordOf)) ?? wordOf(subject)
  return paths.find((path) => wordOf(path) === word)
}

/** Prints the catalogue's text on a code, or what the schema says of a key, or the tables of k3s of one of its keys. */
export const run = async (host: Host, { subject, terminal, format }: ExplainOptions): Promise<number> => {
  const code = subject.toUpperCase()
  const entry = Object.hasOwn(catalogue, code) ? catalogue[code] : undefined
  if (entry !== undefined) {
    terminal.out(
      format === 'json'
        ? `${JSON.stringify({ code, ...entry }, null, 2)}\n`
        : `${code}: ${entry.title}\n\n${entry.explanation}\n`,
    )
    return exitCodes.ok
  }
  const key = describeKey(subject)
  if (key !== undefined) {
    terminal.out(format === 'json' ? `${JSON.stringify(key, null, 2)}\n` : keyText(key))
    return exitCodes.ok
  }
  const [recipes] = await readRecipes(host.files, resourcePath('images'))
  const k3sKey = recipes === undefined ? undefined : describeK3sKey(recipes.k3s, k3sKeyOfPath(subject) ?? '')
  if (k3sKey !== undefined) {
    terminal.out(
      format === 'json'
        ? `${JSON.stringify({ path: subject, ...k3sKey }, null, 2)}\n`
        : k3sKeyText(subject, k3sKey),
    )
    return exitCodes.ok
  }
  const isK3s = k3sKeyOfPath(subject) !== undefined || recipes?.k3s.keys.has(subject) === true
  const near =
    (isK3s && recipes !== undefined ? nearestK3sKey(subject, recipes.k3s) : undefined) ?? nearest(subject)
  const hint =
    near === undefined ? 'give a code such as P0107 or a key such as nodes.board' : `did you mean ${near}?`
  if (format === 'json')
    terminal.out(`${JSON.stringify({ error: `nothing is known of ${subject}`, hint }, null, 2)}\n`)
  else terminal.err(`error: nothing is known of ${JSON.stringify(subject)}\n  help: ${hint}\n`)
  return exitCodes.usage
}
