import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'

const at = ['cluster', 'k3s', 'coredns'] as const

/** A key of a ConfigMap (Kubernetes, IsConfigMapKey) that CoreDNS's Corefile of k3s imports. */
const isFileName = (name: string): boolean => /^[A-Za-z0-9_-][A-Za-z0-9._-]*\.(override|server)$/.test(name)

/** Depth of braces at the end of a Corefile; undefined where one closes what was never opened. Comments are left out. */
const depthOf = (text: string): number | undefined => {
  let depth = 0
  for (const brace of text.replaceAll(/#.*/g, '').match(/[{}]/g) ?? []) {
    depth += brace === '{' ? 1 : -1
    if (depth < 0) return undefined
  }
  return depth
}

export const corednsFiles: Rule = (context) =>
  Object.entries(context.profile.cluster.k3s.coredns ?? {}).flatMap(([name, text]): readonly Diagnostic[] => {
    const path = [...at, name]
    if (!isFileName(name))
      return [
        faultAt(context, 'R1325', path, `CoreDNS reads no file named \`${name}\``, {
          part: 'key',
          help: 'end it in `.server` for server blocks, or in `.override` for lines of the block that is there',
        }),
      ]
    const fault = (message: string, help: string) => [
      faultAt(context, 'R1327', path, message, { part: 'key', help }),
    ]
    const depth = depthOf(text)
    if (depth !== 0)
      return fault(
        `\`${name}\` has a brace without its other half`,
        'CoreDNS would not start: every { needs its }',
      )
    return name.endsWith('.server') && !text.includes('{')
      ? fault(`\`${name}\` holds no server block`, 'write `example.com:53 { ... }`, or name it `.override`')
      : []
  })

export const corednsIsThere: Rule = (context) => {
  const { coredns, disable = [] } = context.profile.cluster.k3s
  const index = disable.indexOf('coredns')
  if (coredns === undefined || index === -1) return []
  return [
    faultAt(context, 'R1326', at, "there are settings for k3s's CoreDNS, which is disabled", {
      part: 'key',
      help: 'remove one of the two',
      related: [{ path: ['cluster', 'k3s', 'disable', index], note: 'disabled here' }],
    }),
  ]
}
