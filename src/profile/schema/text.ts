import Type from 'typebox'
import { dnsLabelPattern, lifetimePattern } from './text-patterns.ts'

/** Strings with a form of their own, used by several sections. Patterns here; what needs arithmetic is in rules/. */

export const dnsLabel = (description: string, examples: string[]) =>
  Type.String({ description, examples, pattern: dnsLabelPattern })

export const text = (description: string, examples: string[]) =>
  Type.String({ description, examples, pattern: '\\S' })

export const textList = (description: string, examples: string[][]) =>
  Type.Array(Type.String({ pattern: '\\S' }), { description, examples })

/** `90d`, `12w`, `3y`; bounds are in rules/kubeconfigs.ts. */
export const lifetime = (description: string, usual: string) =>
  Type.String({ description, default: usual, examples: ['90d', '12w', '3y'], pattern: lifetimePattern })

/** One value or several: `address: a` and `address: [a, b]`. */
export const oneOrMore = (description: string, examples: unknown[]) =>
  Type.Union(
    [Type.String({ pattern: '\\S' }), Type.Array(Type.String({ pattern: '\\S' }), { minItems: 1 })],
    {
      description,
      examples,
    },
  )

export { secretReference } from './secret.ts'
