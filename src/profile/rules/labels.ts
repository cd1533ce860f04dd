import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import type { Rule } from './context.ts'
import { duplicates, faultAt } from './context.ts'

/** Kubernetes' syntax of labels (k8s.io/apimachinery/pkg/util/validation). */
const word = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/
const prefixForm = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

const isLabelKey = (key: string): boolean => {
  const [first = '', second, ...rest] = key.split('/')
  if (rest.length > 0) return false
  return second === undefined ? word.test(first) : prefixForm.test(first) && word.test(second)
}

const isLabelValue = (value: string): boolean => value === '' || word.test(value)

/** What a kubelet may set on its own node (k8s.io/kubelet/pkg/apis, KubeletLabels and KubeletLabelNamespaces). */
const allowedLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
])

const isBelow = (prefix: string, domain: string): boolean =>
  prefix === domain || prefix.endsWith(`.${domain}`)

/** True for a label that the kubelet exits on when it is given at registration. */
const isRefused = (key: string): boolean => {
  const [prefix, name] = key.split('/')
  if (prefix === undefined || name === undefined || allowedLabels.has(key)) return false
  if (!isBelow(prefix, 'kubernetes.io') && !isBelow(prefix, 'k8s.io')) return false
  return !isBelow(prefix, 'kubelet.kubernetes.io') && !isBelow(prefix, 'node.kubernetes.io')
}

export const labels: Rule = (context) => {
  const holders = [
    { path: ['defaults', 'labels'], map: context.profile.defaults?.labels },
    ...context.nodes.map(({ index }, position) => ({
      path: ['nodes', index, 'labels'],
      map: context.profile.nodes[position]?.labels,
    })),
  ]
  return holders.flatMap(({ path, map }) =>
    Object.entries(map ?? {}).flatMap(([key, value]): readonly Diagnostic[] => {
      const at = [...path, key]
      if (!isLabelKey(key)) {
        return [
          faultAt(context, 'R0301', at, `\`${key}\` is not a label key`, {
            part: 'key',
            help: 'write `name` or `example.com/name`: up to 63 letters, digits, `-`, `_`, `.`, none of the signs first or last',
          }),
        ]
      }
      if (isRefused(key)) {
        return [
          faultAt(context, 'R0302', at, `the kubelet refuses to start with the label \`${key}\``, {
            part: 'key',
            help: key.startsWith('node-role.kubernetes.io/')
              ? 'use a label of your own here and set roles later through the API'
              : 'use a prefix of your own, or `node.kubernetes.io/`',
          }),
        ]
      }
      if (isLabelValue(value)) return []
      return [
        faultAt(context, 'R0301', at, `\`${value.slice(0, 80)}\` is not a label value`, {
          help: 'up to 63 letters, digits, `-`, `_`, `.`, none of the signs first or last',
        }),
      ]
    }),
  )
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const

const parseTaint = (taint: string): { readonly key: string; readonly effect: string } | undefined => {
  const [, key = '', value = '', effect = ''] = /^([^=:]+)(?:=([^:]*))?:([A-Za-z]+)$/.exec(taint) ?? []
  const isKnown = effects.some((candidate) => candidate === effect)
  return isLabelKey(key) && isLabelValue(value) && isKnown ? { key, effect } : undefined
}

export const taints: Rule = (context) => {
  const holders = [
    { path: ['defaults', 'taints'], list: context.profile.defaults?.taints },
    ...context.nodes.map(({ index }, position) => ({
      path: ['nodes', index, 'taints'],
      list: context.profile.nodes[position]?.taints,
    })),
  ]
  return holders.flatMap(({ path, list }) => {
    const items = (list ?? []).map((text, index) => ({
      text,
      path: [...path, index],
      taint: parseTaint(text),
    }))
    const malformed = items
      .filter(({ taint }) => taint === undefined)
      .map(({ text, path: at }) => {
        const written = text.split(':').at(-1) ?? ''
        const near = text.includes(':') ? suggest(written, effects) : undefined
        return faultAt(context, 'R0303', at, `\`${text}\` is not a taint`, {
          help:
            near === undefined || near === written
              ? 'write `key=value:Effect`; effects: NoSchedule, PreferNoSchedule, NoExecute'
              : `did you mean \`${near}\`?`,
        })
      })
    const twice = duplicates(items, ({ taint }) =>
      taint === undefined ? undefined : `${taint.key}:${taint.effect}`,
    ).map(({ item, first }) =>
      faultAt(context, 'R0304', item.path, `a second taint for \`${item.taint?.key}\` with this effect`, {
        help: 'keep one of the two',
        related: [{ path: first.path, note: 'the first one' }],
      }),
    )
    return [...malformed, ...twice]
  })
}
