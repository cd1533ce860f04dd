import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'
import { once } from './network.ts'

/** Rules of a base image of the user's own. What only its content tells is told by `lock`. */

const path = ['base', 'image']

export const oneSourceOfImage: Rule = (context) => {
  const image = context.profile.base?.image
  if (image === undefined || !context.isSound(path)) return []
  if (image.file !== undefined && image.url !== undefined) {
    return [
      faultAt(context, 'R0350', [...path, 'url'], 'the base image has both a `file` and a `url`', {
        part: 'key',
        help: 'keep one of the two',
        related: [{ path: [...path, 'file'], note: 'the other one' }],
      }),
    ]
  }
  if (image.file !== undefined || image.url !== undefined) return []
  return [
    faultAt(context, 'R0350', path, 'nothing says where the base image is', {
      part: 'key',
      help: 'add `file: ./base.img` or `url: https://...`',
    }),
  ]
}

/** Whoever sits between could give another system to every node. */
export const provenDownload: Rule = (context) => {
  const { url, sha256 } = context.profile.base?.image ?? {}
  if (url === undefined || !context.isSound([...path, 'url'])) return []
  if (!/^https?:\/\/[^/\s]+\/\S*$/.test(url) || !URL.canParse(url)) {
    return [
      faultAt(context, 'R0351', [...path, 'url'], `\`${url}\` is not an address to download from`, {
        help: 'write one that begins with `https://`, or name a file by `file`',
      }),
    ]
  }
  if (url.startsWith('https:') || sha256 !== undefined) return []
  return [
    faultAt(context, 'R0351', [...path, 'url'], 'nothing proves that what this address sends is the image', {
      help: 'use `https://`, or add its `sha256`',
    }),
  ]
}

/** What shapes a base that we make says nothing of one that is whole already. */
export const imageAlone: Rule = (context) => {
  const { base } = context.profile
  if (base?.image === undefined) return []
  const related = [{ path, note: 'the base image' }]
  const refuse = (at: Path, message: string, help: string): Diagnostic =>
    faultAt(context, 'R0352', at, message, { part: 'key', help, related })
  const install = 'nothing is installed in an image of your own: put it there yourself, and remove this key'
  const seen = new Set<string>()
  const settings = context.nodes.flatMap((node) => {
    if (node.pi === undefined) return []
    const at = node.origin(['pi'])
    if (seen.has(at.join())) return []
    seen.add(at.join())
    const help = 'set it in the config.txt of the image, and remove this key'
    return [refuse(at, 'the boot partition of the base image has settings of its own', help)]
  })
  return [
    ...(base.os === undefined
      ? []
      : [
          refuse(
            ['base', 'os'],
            'the base is an image of your own, and this names one to make',
            'keep one of `os` and `image`',
          ),
        ]),
    ...(base.packages === undefined
      ? []
      : [refuse(['base', 'packages'], 'packages are for a base that is made here', install)]),
    ...(base.kernel === undefined
      ? []
      : [refuse(['base', 'kernel'], 'the base image starts the kernel that it holds', install)]),
    ...settings,
  ]
}

export const imageOfOneArchitecture: Rule = (context) => {
  const { profile, nodes, recipes } = context
  if (profile.base?.image === undefined) return []
  const known = nodes.flatMap((node) => {
    const architecture = recipes.boards[node.board ?? '']?.architecture
    return architecture === undefined ? [] : [{ node, architecture }]
  })
  const [first] = known
  const other = known.find(({ architecture }) => architecture !== first?.architecture)
  if (first === undefined || other === undefined) return []
  return [
    faultAt(
      context,
      'R0353',
      other.node.origin(['board']),
      `\`${other.node.name}\` is ${other.architecture}, \`${first.node.name}\` is ${first.architecture}, and one base image cannot be both`,
      {
        help: 'keep boards of one architecture in a profile with a base image',
        related: [{ path, note: 'the base image' }],
      },
    ),
  ]
}

/** What a base with cloud-init has for it is looked for by `lock`. */
export const noRadioOfIgnition: Rule = (context) => {
  const { base, provision } = context.profile
  if (base?.image === undefined || provision !== 'ignition') return []
  return once(
    context.nodes.flatMap((node) =>
      node.network.wifi === undefined
        ? []
        : [
            faultAt(
              context,
              'R0365',
              node.origin(['network', 'wifi']),
              'a base image with Ignition is not known to have what joins a wireless network',
              {
                part: 'key',
                help: 'use a base image with cloud-init, or a base that is made here',
                related: [
                  { path, note: 'the base image' },
                  { path: ['provision'], note: 'its front end' },
                ],
              },
            ),
          ],
    ),
  )
}
