import { packagedComponents } from '../k3s-keys.ts'
import { dnsLabelPattern } from '../schema/text-patterns.ts'
import type { Rule } from './context.ts'
import { duplicates, faultAt } from './context.ts'

export const fileNameOf = (path: string): string => path.split('/').at(-1) ?? path

/** k3s names an AddOn after its file, up to the first dot. */
export const addOnName = (path: string): string => fileNameOf(path).split('.')[0] ?? ''

/** Beside the components that can be disabled: names of the manifests that k3s writes anew at each start (k3s/manifests, 1.33). */
const otherPackaged: readonly string[] = ['ccm', 'rolebindings']

/** What the build itself places on the first server (src/plan/access-manifests.ts, vip.ts, hardening). */
const isOurs = (name: string): boolean =>
  /^appliance-(access|vip|hardening(-exempt)?)$/.test(name) || name.startsWith('bootstrap-token-')

export const manifestNames: Rule = (context) =>
  (context.profile.images?.manifests ?? []).flatMap((path, index) => {
    const at = ['images', 'manifests', index]
    const name = addOnName(path)
    if (!new RegExp(dnsLabelPattern).test(name) || !/\.(yaml|yml|json)$/.test(path)) {
      return [
        faultAt(context, 'R0602', at, `k3s cannot deploy a file named \`${fileNameOf(path)}\``, {
          help: 'use lower-case letters, digits and `-` up to the first dot, and end it in .yaml, .yml or .json',
        }),
      ]
    }
    if (isOurs(name)) {
      return [
        faultAt(context, 'R0602', at, `\`${name}\` is the name of a manifest that the build makes`, {
          help: 'give the file another name',
        }),
      ]
    }
    if (![...packagedComponents(context.recipes.k3s), ...otherPackaged].includes(name)) return []
    return [
      faultAt(context, 'R0602', at, `\`${name}\` is a component that k3s packages`, {
        help: 'give the file another name',
      }),
    ]
  })

export const uniqueManifests: Rule = (context) =>
  duplicates(
    (context.profile.images?.manifests ?? []).map((path, index) => ({ path, index })),
    ({ path }) => addOnName(path),
  ).map(({ item, first }) =>
    faultAt(
      context,
      'R0601',
      ['images', 'manifests', item.index],
      `a second manifest named \`${addOnName(item.path)}\``,
      {
        help: 'k3s tells manifests apart by the name up to the first dot: rename one',
        related: [{ path: ['images', 'manifests', first.index], note: 'the first one' }],
      },
    ),
  )

export const uniqueEntries: Rule = (context) => {
  const { profile } = context
  const lists: readonly { readonly path: readonly string[]; readonly texts: readonly string[] }[] = [
    { path: ['outputs'], texts: profile.outputs ?? [] },
    { path: ['base', 'packages'], texts: profile.base?.packages ?? [] },
    { path: ['cluster', 'k3s', 'disable'], texts: profile.cluster.k3s.disable ?? [] },
    {
      path: ['images', 'extra'],
      texts: (profile.images?.extra ?? []).map((entry) => (typeof entry === 'string' ? entry : entry.file)),
    },
  ]
  return lists.flatMap(({ path, texts }) =>
    duplicates(
      texts.map((text, index) => ({ text, index })),
      ({ text }) => text,
    ).map(({ item, first }) =>
      faultAt(context, 'R0603', [...path, item.index], `\`${item.text}\` is listed twice`, {
        help: 'remove one of the two',
        related: [{ path: [...path, first.index], note: 'first listed here' }],
      }),
    ),
  )
}
