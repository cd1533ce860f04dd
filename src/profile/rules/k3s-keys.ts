import type { Code } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import { typeName, typePhrase } from '../../diagnostics/yaml/type-name.ts'
import type { K3sKey, K3sKeyType } from '../../recipes/k3s-tables.ts'
import { absenceHelp, isTakenOn, writableKeys } from '../k3s-keys.ts'
import type { K3sSetting } from '../k3s-settings.ts'
import { k3sSettings } from '../k3s-settings.ts'
import type { K3sRelease } from '../k3s-version.ts'
import { isReference } from '../secret-values.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { releaseOf } from './k3s.ts'

const isPlain = (item: unknown): boolean =>
  typeof item === 'string' || typeof item === 'number' || isReference(item)

const isOfType = (value: unknown, type: K3sKeyType): boolean => {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number' && Number.isInteger(value)
    case 'text':
      return isPlain(value)
    case 'duration':
      return typeof value === 'string'
    case 'list':
      return Array.isArray(value)
        ? value.every((item) => typeof item === 'string' || isReference(item))
        : typeof value === 'string' || isReference(value)
  }
}

const wanted: Readonly<Record<K3sKeyType, string>> = {
  boolean: 'true or false',
  number: 'a whole number',
  text: 'a text',
  list: 'a list of texts',
  duration: 'a length of time such as `10m`',
}

const sectionName = ({ section }: K3sSetting): string =>
  section.node === undefined ? section.path.join('.') : `nodes[${section.node.index}].k3s`

const unknownKey = (context: RuleContext, setting: K3sSetting, release: K3sRelease): Diagnostic => {
  const { name, path, section } = setting
  const tables = context.recipes.k3s
  const spelt = name.replace(/^-+/, '').replaceAll('_', '-')
  const near =
    [...tables.keys.values()].find(({ alias }) => alias === spelt)?.name ??
    suggest(spelt, writableKeys(tables, section.role, release))
  return faultAt(context, 'R0312', path, `k3s has no option \`${name}\``, {
    part: 'key',
    help:
      near === undefined
        ? 'keys are the long flags of k3s without dashes: docs.k3s.io/cli/server'
        : `did you mean \`${near}\`?`,
  })
}

/** Where a key belongs that nodes of this role do not take. */
const otherPlace = ({ section }: K3sSetting, key: K3sKey): string => {
  if (key.on !== 'agent')
    return section.role === 'both' ? 'move it to `cluster.k3s.config`' : 'remove it: only servers read it'
  return section.node === undefined
    ? 'move it to `cluster.k3s.agentConfig`'
    : 'remove it: only agents read it'
}

const checkSetting = (
  context: RuleContext,
  setting: K3sSetting,
  release: K3sRelease,
): readonly Diagnostic[] => {
  const { name, path, value, section } = setting
  const key = context.recipes.k3s.keys.get(name)
  if (key === undefined) return [unknownKey(context, setting, release)]
  const { version } = context.profile.cluster.k3s
  const fault = (code: Code, message: string, help?: string): readonly Diagnostic[] => [
    faultAt(context, code, path, message, { part: 'key', ...(help === undefined ? {} : { help }) }),
  ]
  if (key.owned !== undefined) {
    return [
      faultAt(context, 'R0311', path, `\`${name}\` is set by the tool`, {
        part: 'key',
        secret: path,
        help: `remove it: ${key.owned}`,
      }),
    ]
  }
  const gone = absenceHelp(key, release)
  if (gone !== undefined)
    return fault(gone.startsWith('it came') ? 'R0316' : 'R0317', `${version} has no option \`${name}\``, gone)
  // Keys that only agents take may stand among those of all nodes: servers are not given them.
  if (!(section.role === 'both' && key.on === 'agent') && !isTakenOn(key, section.role, release))
    return fault(
      'R0314',
      `${section.role === 'server' ? 'servers' : 'agents'} have no option \`${name}\``,
      otherPlace(setting, key),
    )
  if (!isOfType(value, key.type)) {
    const help =
      key.type === 'list' && Array.isArray(value)
        ? 'put each entry in quotes'
        : key.type === 'duration' && typeof value === 'number'
          ? `name the unit, such as \`${value}s\``
          : undefined
    return [
      faultAt(
        context,
        'R0313',
        path,
        `\`${name}\` must be ${wanted[key.type]}, not ${typePhrase(typeName(value))}`,
        help === undefined ? {} : { help },
      ),
    ]
  }
  return [
    ...(key.equal && section.node !== undefined
      ? fault(
          'R0321',
          `\`${name}\` must be equal on all servers`,
          `move it from \`${sectionName(setting)}\` to \`cluster.k3s.config\``,
        )
      : []),
    ...(key.deprecated !== undefined && release.minor >= key.deprecated
      ? [
          faultAt(context, 'R0318', path, `\`${name}\` is deprecated since v1.${key.deprecated}`, {
            severity: 'warning' as const,
            part: 'key',
            ...(key.instead === undefined ? {} : { help: `use \`${key.instead}\`` }),
          }),
        ]
      : []),
  ]
}

/** Every key under `config`, `agentConfig` and `nodes[].k3s`: whether this release knows it, there, and with such a value. */
export const k3sConfigKeys: Rule = (context) => {
  const release = releaseOf(context)
  return k3sSettings(context).flatMap((setting) => checkSetting(context, setting, release))
}
