import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { takesCaChains } from '../k3s-features.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'

const at: Path = ['cluster', 'pki']
const roles = ['root', 'intermediate'] as const

/** What a root of the user's own signs is an intermediate of ours: the two are never given together. */
export const oneAuthority: Rule = (context) => {
  const pki = context.profile.cluster?.pki
  if (pki?.root === undefined || pki.intermediate === undefined) return []
  return [
    faultAt(context, 'R0801', [...at, 'intermediate'], 'a root and an intermediate are named', {
      part: 'key',
      help: 'keep `intermediate`, whose file holds the certificate of the root too, or keep `root`',
      related: [{ path: [...at, 'root'], note: 'the root is named here' }],
    }),
  ]
}

/** Certificate and key, or one file with both. */
export const wholeAuthority: Rule = (context) =>
  roles.flatMap((role): readonly Diagnostic[] => {
    const path = [...at, role]
    const written = context.profile.cluster?.pki?.[role]
    if (written === undefined || !context.isSound(path)) return []
    const { cert, key, p12, password } = written
    const fault = (part: string | undefined, message: string, help: string): readonly Diagnostic[] => [
      faultAt(context, 'R0802', part === undefined ? path : [...path, part], message, { part: 'key', help }),
    ]
    const help = 'name `cert` and `key` (PEM), or `p12` and its `password` (PKCS#12)'
    if (p12 !== undefined && cert !== undefined) return fault('cert', '`p12` and `cert` are both named', help)
    if (p12 !== undefined && key !== undefined) return fault('key', '`p12` and `key` are both named', help)
    if (p12 !== undefined) return []
    if (cert === undefined) return fault(undefined, `the ${role} has no certificate`, help)
    if (key === undefined) return fault(undefined, `the ${role} has no key to sign with`, help)
    if (password === undefined) return []
    return fault(
      'password',
      'only a PKCS#12 file has a password',
      'remove it: a key in PEM must not be encrypted',
    )
  })

/** Old releases of k3s break with a chain, so nothing can stand above their CAs. */
export const chainWhereItWorks: Rule = (context) => {
  const { k3s, pki } = context.profile.cluster ?? {}
  const role = roles.find((name) => pki?.[name] !== undefined)
  if (k3s === undefined || role === undefined || !context.isSound(['cluster', 'k3s', 'version'])) return []
  if (!/^v1\.\d+\.\d+/.test(k3s.version) || takesCaChains(k3s.version)) return []
  return [
    faultAt(context, 'R0803', [...at, role], `k3s ${k3s.version} cannot have an authority above its CAs`, {
      part: 'key',
      help: 'use v1.23.17, v1.24.11, v1.25.7, v1.26.2 or later, or remove it',
      related: [{ path: ['cluster', 'k3s', 'version'], note: 'the release is named here' }],
    }),
  ]
}
