import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Architecture } from '../pins.ts'
import type { AskedImage } from '../workloads/asked-image.ts'
import type { K3sSettings } from './k3s-components.ts'
import { k3sAsker } from './k3s-components.ts'

/** An image that the nodes of one architecture carry. */
export interface BoardedImage {
  /** In full, with a tag. */
  readonly name: string
  /** By which nodes know it, too. */
  readonly otherNames: readonly string[]
  readonly architecture: Architecture
  readonly from: 'k3s' | 'extra'
  /** `sha256:` and hex: of the manifest and of the index; empty where they are not known. */
  readonly digests: readonly string[]
  readonly sizeBytes: number | null
}

/** An image that something of the profile asks for. `at`: the key of the profile that leads to it. */
export interface Asked extends AskedImage {
  readonly at: Path
}

/** An image, who asks for it and where nodes have it from; one line of the plan. */
export interface NeededImage {
  readonly image: string
  /** Nobody: it is carried for nothing. */
  readonly askedBy: readonly string[]
  /** `registry`: nodes fetch it by themselves. `nowhere`: it may be no image at all. */
  readonly from: 'k3s' | 'extra' | 'registry' | 'nowhere'
  readonly digest: string | null
  readonly sizeBytes: number | null
}

export interface ImageNeeds {
  readonly architectures: readonly Architecture[]
  readonly boarded: readonly BoardedImage[]
  readonly asked: readonly Asked[]
  /** Patterns of images.pulled. */
  readonly pulled: readonly string[]
  readonly k3s: K3sSettings
}

const withoutDigest = (image: string): string => image.split('@')[0] ?? image

const repositoryOf = (image: string): string => withoutDigest(image).replace(/:[^:/]+$/, '')

/**
 * A name with a digest is found by the digest. Of k3s's own images the lock knows no digests: they are taken by their names.
 */
const matches = ({ name, otherNames, digests }: BoardedImage, image: string): boolean => {
  const [, digest] = image.split('@')
  const isAnyName = (wanted: (name: string) => boolean): boolean => [name, ...otherNames].some(wanted)
  if (digest === undefined || digests.length === 0) return isAnyName((each) => each === withoutDigest(image))
  return digests.includes(digest) && isAnyName((each) => repositoryOf(each) === repositoryOf(image))
}

export const boardedAs = (needs: ImageNeeds, image: string): readonly BoardedImage[] =>
  needs.boarded.filter((board) => matches(board, image))

/** `docker.io/library/` may be left out of a pattern, as it may of a name. */
const shortForms = (image: string): readonly string[] => [
  image,
  image.replace(/^docker\.io\//, ''),
  image.replace(/^docker\.io\/library\//, ''),
]

export const matchesPattern = (pattern: string, image: string): boolean => {
  const form = new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[^\w]/g, '\\$&'))
      .join('.*')}$`,
  )
  return shortForms(image).some((name) => form.test(name))
}

export const isPulled = ({ pulled }: ImageNeeds, image: string): boolean =>
  pulled.some((pattern) => matchesPattern(pattern, image))

/** Near enough to be what was meant: other tags of the same image. */
export const otherTags = ({ boarded }: ImageNeeds, image: string): readonly string[] => [
  ...new Set(boarded.map(({ name }) => name).filter((name) => repositoryOf(name) === repositoryOf(image))),
]

const compare = (a: NeededImage, b: NeededImage): number =>
  a.image < b.image ? -1 : a.image > b.image ? 1 : 0

/** Everything that is asked for or carried, each image once, by name. */
export const neededImages = (needs: ImageNeeds): readonly NeededImage[] => {
  const askedBy = new Map<string, Set<string>>()
  const ask = (image: string, by: string): void => {
    askedBy.set(image, (askedBy.get(image) ?? new Set()).add(by))
  }
  for (const { name, from } of needs.boarded) {
    const asker = from === 'k3s' ? k3sAsker(name, needs.k3s) : undefined
    if (asker !== undefined) ask(name, asker)
  }
  for (const { image, by } of needs.asked) ask(image, by)
  const used = new Set<string>()
  const wanted = [...askedBy].map(([image, by]): NeededImage => {
    const [board] = boardedAs(needs, image)
    if (board !== undefined) used.add(board.name)
    return {
      image,
      askedBy: [...by],
      from: board?.from ?? (isPulled(needs, image) ? 'registry' : 'nowhere'),
      digest: board?.digests[0] ?? null,
      sizeBytes: board?.sizeBytes ?? null,
    }
  })
  const idle = new Map(
    needs.boarded.filter(({ name }) => !used.has(name)).map((board) => [board.name, board]),
  )
  const carried = [...idle.values()].map(
    ({ name, from, digests, sizeBytes }): NeededImage => ({
      image: name,
      askedBy: [],
      from,
      digest: digests[0] ?? null,
      sizeBytes,
    }),
  )
  return [...wanted, ...carried].toSorted(compare)
}
