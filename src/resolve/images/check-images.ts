import type { Code } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import type { Path, YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Asked, ImageNeeds } from './needed-images.ts'
import { boardedAs, isPulled, matchesPattern, otherTags } from './needed-images.ts'

/** An entry of the profile whose images are not all known. */
export interface NotRendered {
  readonly what: string
  readonly why: string
  readonly at: Path
}

const fault = (
  tree: YamlTree,
  code: Code,
  severity: Diagnostic['severity'],
  at: Path,
  message: string,
  help: string,
): Diagnostic => ({ code, severity, message, range: tree.locate(at), help })

/** `./manifests/oven.yaml:14:16 and 2 more`. */
const places = (asked: readonly Asked[]): string => {
  const by = [...new Set(asked.map((each) => each.by))]
  return `${by[0] ?? ''}${by.length > 1 ? ` and ${by.length - 1} more` : ''}`
}

const helpFor = (needs: ImageNeeds, image: string): string => {
  const tags = otherTags(needs, image)
  const near =
    tags.length > 0 ? tags.join(', ') : suggest(image, [...new Set(needs.boarded.map(({ name }) => name))])
  const onBoard = near === undefined ? '' : `on board is ${near}; `
  return `${onBoard}add it to \`images.extra\`, or name it under \`images.pulled\` where nodes reach a registry`
}

/** First where it is an image for sure: that is where the user looks. */
const groups = (asked: readonly Asked[]): readonly (readonly [string, readonly [Asked, ...Asked[]]])[] => {
  const byImage = new Map<string, [Asked, ...Asked[]]>()
  for (const each of asked) {
    const known = byImage.get(each.image)
    if (known === undefined) byImage.set(each.image, [each])
    else known.push(each)
  }
  return [...byImage]
}

const missing = (tree: YamlTree, needs: ImageNeeds): readonly Diagnostic[] =>
  groups(needs.asked).flatMap(([image, asked]) => {
    if (isPulled(needs, image)) return []
    const sure = asked.filter(({ certainty }) => certainty === 'certain')
    const there = new Set(boardedAs(needs, image).map(({ architecture }) => architecture))
    const lacking = needs.architectures.filter((architecture) => !there.has(architecture))
    if (lacking.length === 0) return []
    const [first] = sure.length > 0 ? sure : asked
    const at = first?.at ?? []
    if (sure.length === 0)
      return there.size > 0
        ? []
        : [
            fault(
              tree,
              'R1606',
              'warning',
              at,
              `\`${image}\` looks like an image and is not on board; ${places(asked)} names it`,
              helpFor(needs, image),
            ),
          ]
    if (there.size === 0)
      return [
        fault(
          tree,
          'R1605',
          'error',
          at,
          `\`${image}\` is not on board; ${places(sure)} asks for it`,
          helpFor(needs, image),
        ),
      ]
    return [
      fault(
        tree,
        'R1607',
        'warning',
        at,
        `\`${image}\` is not on board of ${lacking.join(' and ')} nodes; ${places(sure)} asks for it`,
        'carry it for every architecture, or keep what asks for it to the others by a nodeSelector',
      ),
    ]
  })

/** Kubernetes asks a registry for these at every start of a container, on board or not. */
const alwaysPulled = (tree: YamlTree, needs: ImageNeeds): readonly Diagnostic[] =>
  groups(needs.asked.filter(({ pull }) => pull !== 'other')).flatMap(([image, asked]) => {
    if (isPulled(needs, image)) return []
    const [first] = asked
    const why =
      first.pull === 'always' ? 'has `imagePullPolicy: Always`' : 'names no policy, and `latest` means Always'
    return [
      fault(
        tree,
        'R1608',
        'warning',
        first.at,
        `\`${image}\` is asked of a registry at every start: ${places(asked)} ${why}`,
        'set `imagePullPolicy: IfNotPresent` there, and use a tag that says which image it is',
      ),
    ]
  })

const unused = (
  tree: YamlTree,
  { pulled, asked }: ImageNeeds,
  notRendered: readonly NotRendered[],
): readonly Diagnostic[] =>
  notRendered.length > 0
    ? []
    : pulled.flatMap((pattern, index) =>
        pattern === '*' || asked.some(({ image }) => matchesPattern(pattern, image))
          ? []
          : [
              fault(
                tree,
                'R1610',
                'warning',
                ['images', 'pulled', index],
                `nothing asks for an image like \`${pattern}\``,
                'correct it, or remove it',
              ),
            ],
      )

/** Whether every image that is asked for is where nodes find it without a network. */
export const checkImages = (
  tree: YamlTree,
  needs: ImageNeeds,
  notRendered: readonly NotRendered[],
): readonly Diagnostic[] => [
  ...missing(tree, needs),
  ...alwaysPulled(tree, needs),
  ...(needs.pulled.includes('*') ? [] : notRendered).map(({ what, why, at }) =>
    fault(
      tree,
      'R1609',
      'warning',
      at,
      `the images of the ${what} are not all known: ${why}`,
      'install helm and run `appliance lock` again, or see to it that `images.extra` has them all',
    ),
  ),
  ...unused(tree, needs, notRendered),
]
