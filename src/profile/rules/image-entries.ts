import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { readImageEntry } from '../image-entry.ts'
import { imageName, isRegistryHost, readImageReference } from '../image-reference.ts'
import type { Rule, RuleContext } from './context.ts'
import { duplicates, faultAt } from './context.ts'

const example = 'write it as `docker.io/library/nginx:1.29`'

const unfixed = (context: RuleContext, path: Path, text: string): readonly Diagnostic[] => {
  const reference = readImageReference(text)
  if ('fault' in reference) {
    return [
      faultAt(context, 'R1500', path, `\`${text}\` is no image name: it ${reference.fault}`, {
        help: example,
      }),
    ]
  }
  if (reference.digest !== undefined || (reference.tag ?? 'latest') !== 'latest') return []
  const what = reference.tag === undefined ? 'has no tag' : 'is tagged `latest`'
  return [
    faultAt(context, 'R1502', path, `\`${text}\` ${what}`, {
      severity: 'warning',
      help: 'name a version, or a digest',
    }),
  ]
}

const nodeName = (context: RuleContext, path: Path, text: string): readonly Diagnostic[] => {
  const reference = readImageReference(text)
  if ('fault' in reference) {
    return [
      faultAt(context, 'R1500', path, `\`${text}\` is no image name: it ${reference.fault}`, {
        help: example,
      }),
    ]
  }
  const why =
    reference.digest !== undefined ? 'has a digest' : reference.tag === undefined ? 'has no tag' : undefined
  if (why === undefined) return []
  return [
    faultAt(context, 'R1503', path, `the name \`${text}\` ${why}`, {
      help: 'k3s imports names with a tag and without a digest: `registry.example.com/app:1.4`',
    }),
  ]
}

/** The image of kube-vip, which is pulled as if it were listed. */
export const vipImageName: Rule = (context) => {
  const image = context.profile.cluster.vip?.image
  return image === undefined ? [] : unfixed(context, ['cluster', 'vip', 'image'], image)
}

export const imageNames: Rule = (context) =>
  (context.profile.images?.extra ?? []).flatMap((entry, index) => {
    const path = ['images', 'extra', index]
    if (typeof entry === 'string') return unfixed(context, path, entry)
    return [
      ...(entry.image === undefined ? [] : unfixed(context, [...path, 'image'], entry.image)),
      ...(entry.as === undefined ? [] : nodeName(context, [...path, 'as'], entry.as)),
    ]
  })

/** Names that are known before anything is read: of images to pull, and those that `as` gives. */
export const uniqueImageNames: Rule = (context) => {
  const named = (context.profile.images?.extra ?? []).flatMap((written, index) => {
    const entry = readImageEntry(written)
    if (entry === undefined) return []
    const own = entry.source.kind === 'registry' ? imageName(entry.source.reference) : undefined
    const name = entry.as ?? own
    return name === undefined
      ? []
      : (entry.architectures ?? (['amd64', 'arm64'] as const)).map((architecture) => ({
          name,
          architecture,
          index,
        }))
  })
  const found = duplicates(named, ({ name, architecture }) => `${architecture} ${name}`)
  const extra = context.profile.images?.extra ?? []
  return duplicates(found, ({ item }) => String(item.index))
    .reduce((rest, { item }) => rest.filter((each) => each !== item), found)
    .filter(({ item, first }) => JSON.stringify(extra[item.index]) !== JSON.stringify(extra[first.index]))
    .map(({ item, first }) =>
      faultAt(context, 'R1501', ['images', 'extra', item.index], `a second image named \`${item.name}\``, {
        help: 'give one of them another name with `as`, or keep them apart with `architectures`',
        related: [{ path: ['images', 'extra', first.index], note: 'the first one' }],
      }),
    )
}

const isMirror = (text: string): boolean => {
  const [first = '', ...rest] = text.split('/')
  return isRegistryHost(first) && rest.every((part) => /^[a-z0-9]+([._-]+[a-z0-9]+)*$/.test(part))
}

export const pullSettings: Rule = (context) => {
  const pull = context.profile.images?.pull ?? []
  const fault = (path: Path, message: string, help: string): Diagnostic =>
    faultAt(context, 'R1504', ['images', 'pull', ...path], message, { help })
  const twice = duplicates(
    pull.map(({ registry }, index) => ({ registry, index })),
    ({ registry }) => registry,
  )
  return [
    ...twice.map(({ item }) =>
      fault([item.index, 'registry'], `\`${item.registry}\` stands twice`, 'put both entries together'),
    ),
    ...pull.flatMap(({ registry, mirrors = [], insecure, ca }, index) => [
      ...(isRegistryHost(registry)
        ? []
        : [
            fault(
              [index, 'registry'],
              `\`${registry}\` is no registry`,
              'write the host alone, with `:port` where it has one',
            ),
          ]),
      ...mirrors.flatMap((mirror, at) =>
        isMirror(mirror)
          ? []
          : [
              fault(
                [index, 'mirrors', at],
                `\`${mirror}\` is no mirror`,
                'write `host[:port][/path]`, without a scheme',
              ),
            ],
      ),
      ...(insecure === true && ca !== undefined
        ? [fault([index, 'insecure'], 'any certificate is taken, and a CA is given', 'remove one of the two')]
        : []),
    ]),
  ]
}
