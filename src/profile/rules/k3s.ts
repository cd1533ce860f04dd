import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest, suggestionHelp } from '../../diagnostics/suggest.ts'
import { typeName, typePhrase } from '../../diagnostics/yaml/type-name.ts'
import type { K3sKeyType } from '../k3s-keys.ts'
import { k3sKeys, packagedComponents } from '../k3s-keys.ts'
import { isReference } from '../secret-values.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { addOnName } from './images.ts'

export const k3sVersion: Rule = (context) => {
  const { version } = context.profile.cluster.k3s
  if (/^v1\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(alpha|beta|rc)\d+)?\+k3s[1-9]\d*$/.test(version)) return []
  const withBuild = /^v?(1\.\d+\.\d+)(?:[+-]k3s(\d+))?$/.exec(version)
  const help =
    withBuild === null
      ? 'name a release in full, such as `v1.33.1+k3s1`'
      : `did you mean \`v${withBuild[1]}+k3s${withBuild[2] ?? 1}\`?`
  return [
    faultAt(
      context,
      'R0310',
      ['cluster', 'k3s', 'version'],
      `\`${version}\` is not the name of a k3s release`,
      { help },
    ),
  ]
}

const isOfType = (value: unknown, type: K3sKeyType): boolean => {
  const isPlain = (item: unknown): boolean =>
    typeof item === 'string' || typeof item === 'number' || isReference(item)
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number' && Number.isInteger(value)
    case 'text':
      return isPlain(value)
    case 'list':
      return Array.isArray(value)
        ? value.every((item) => typeof item === 'string' || isReference(item))
        : typeof value === 'string' || isReference(value)
  }
}

const wanted = {
  boolean: 'true or false',
  number: 'a whole number',
  text: 'a text',
  list: 'a list of texts',
} as const

const checkKeys = (context: RuleContext, section: 'config' | 'agentConfig'): readonly Diagnostic[] => {
  const known = [...k3sKeys]
    .filter(([, key]) => key.owned === undefined && (section === 'config' || key.on === 'both'))
    .map(([name]) => name)
  return Object.entries(context.profile.cluster.k3s[section] ?? {}).flatMap(
    ([name, value]): readonly Diagnostic[] => {
      const path = ['cluster', 'k3s', section, name]
      const key = k3sKeys.get(name)
      if (key === undefined) {
        const near = suggest(name.replace(/^--/, '').replaceAll('_', '-'), known)
        return [
          faultAt(context, 'R0312', path, `k3s has no option \`${name}\``, {
            part: 'key',
            help:
              near === undefined
                ? 'keys are the long flags of k3s without dashes: docs.k3s.io/cli/server'
                : `did you mean \`${near}\`?`,
          }),
        ]
      }
      if (key.owned !== undefined) {
        return [
          faultAt(context, 'R0311', path, `\`${name}\` is set by the tool`, {
            part: 'key',
            secret: path,
            help: `remove it: ${key.owned}`,
          }),
        ]
      }
      if (section === 'agentConfig' && key.on === 'server') {
        return [
          faultAt(context, 'R0314', path, `agents have no option \`${name}\``, {
            part: 'key',
            help: 'move it to `cluster.k3s.config`',
          }),
        ]
      }
      if (isOfType(value, key.type)) return []
      return [
        faultAt(
          context,
          'R0313',
          path,
          `\`${name}\` must be ${wanted[key.type]}, not ${typePhrase(typeName(value))}`,
          {
            ...(key.type === 'list' && Array.isArray(value) ? { help: 'put each entry in quotes' } : {}),
          },
        ),
      ]
    },
  )
}

export const k3sConfigKeys: Rule = (context) => [
  ...checkKeys(context, 'config'),
  ...checkKeys(context, 'agentConfig'),
]

export const knownComponents: Rule = (context) => {
  const manifests = (context.profile.images?.manifests ?? []).map(addOnName)
  const known = [...packagedComponents, ...manifests]
  return (context.profile.cluster.k3s.disable ?? []).flatMap((name, index) => {
    if (known.includes(name)) return []
    const help = suggestionHelp(name, known)
    return [
      faultAt(
        context,
        'R0315',
        ['cluster', 'k3s', 'disable', index],
        `k3s has no component \`${name}\``,
        help === undefined ? {} : { help },
      ),
    ]
  })
}
