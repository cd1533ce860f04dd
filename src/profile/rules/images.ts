import type { K3sTables } from '../../recipes/k3s-tables.ts'
import { packagedComponents } from '../k3s-keys.ts'
import { dnsLabelPattern } from '../schema/text-patterns.ts'
import type { Profile } from '../schema.ts'
import type { WorkloadEntry } from '../workload-entry.ts'
import {
  addOnsOf,
  fileNameOf,
  isManifestFile,
  isOtherFile,
  namePath,
  workloadEntries,
} from '../workload-entry.ts'
import type { Rule } from './context.ts'
import { duplicates, faultAt } from './context.ts'

/** Beside the components that can be disabled: names of the manifests that k3s writes anew at each start (k3s/manifests, 1.33). */
const otherPackaged: readonly string[] = ['ccm', 'rolebindings']

/** What the build itself places on the first server (src/plan/access-manifests.ts, vip.ts, hardening). */
const isOurs = (name: string): boolean =>
  /^appliance-(access|coredns|vip|hardening(-exempt)?)$/.test(name) || name.startsWith('bootstrap-token-')

/** Why k3s could not deploy something under this name, and what to do; undefined when it can. */
export const addOnFault = (
  name: string,
  file: string,
  tables: K3sTables,
): { readonly message: string; readonly help: string } | undefined => {
  if (!new RegExp(dnsLabelPattern).test(name))
    return {
      message: `k3s cannot deploy a file named \`${file}\``,
      help: 'use lower-case letters, digits and `-` up to the first dot, and end it in .yaml, .yml or .json',
    }
  if (isOurs(name))
    return { message: `\`${name}\` is the name of a manifest that the build makes`, help: 'use another name' }
  if ([...packagedComponents(tables), ...otherPackaged].includes(name))
    return { message: `\`${name}\` is a component that k3s packages`, help: 'use another name' }
  return undefined
}

const shownFile = (entry: WorkloadEntry, name: string): string =>
  entry.kind === 'manifest' ? fileNameOf(entry.file) : `${name}.yaml`

export const manifestNames: Rule = (context) =>
  workloadEntries(context.profile).flatMap((entry) => {
    const at = namePath(entry)
    if (entry.kind === 'manifest' && isOtherFile(entry.file)) {
      return [
        faultAt(context, 'R0602', at, `k3s cannot deploy a file named \`${fileNameOf(entry.file)}\``, {
          help: 'a manifest ends in .yaml, .yml or .json; write a folder of such a name with a `/` at its end',
        }),
      ]
    }
    return addOnsOf(entry).flatMap((name) => {
      const fault = addOnFault(name, shownFile(entry, name), context.recipes.k3s)
      return fault === undefined ? [] : [faultAt(context, 'R0602', at, fault.message, { help: fault.help })]
    })
  })

export const uniqueManifests: Rule = (context) =>
  duplicates(
    workloadEntries(context.profile).flatMap((entry) => [
      ...addOnsOf(entry).map((name) => ({ entry, name })),
      ...(entry.kind === 'manifest' && !isManifestFile(entry.file) ? [{ entry, name: entry.file }] : []),
    ]),
    ({ name }) => name,
  ).map(({ item, first }) =>
    faultAt(context, 'R0601', namePath(item.entry), `a second manifest or chart named \`${item.name}\``, {
      help: 'k3s tells what it deploys apart by the name up to the first dot: rename one',
      related: [{ path: namePath(first.entry), note: 'the first one' }],
    }),
  )

/** The same in all words: what two entries with one name have in common besides it is for uniqueImageNames. */
const entryText = (entry: NonNullable<NonNullable<Profile['images']>['extra']>[number]): string =>
  typeof entry === 'string'
    ? entry
    : Object.entries(entry)
        .map(([key, value]) => `${key}: ${String(value)}`)
        .join(', ')

export const uniqueEntries: Rule = (context) => {
  const { profile } = context
  const lists: readonly { readonly path: readonly string[]; readonly texts: readonly string[] }[] = [
    { path: ['outputs'], texts: profile.outputs ?? [] },
    { path: ['base', 'packages'], texts: profile.base?.packages ?? [] },
    { path: ['cluster', 'k3s', 'disable'], texts: profile.cluster.k3s.disable ?? [] },
    { path: ['images', 'pulled'], texts: profile.images?.pulled ?? [] },
    {
      path: ['images', 'extra'],
      texts: (profile.images?.extra ?? []).map(entryText),
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
