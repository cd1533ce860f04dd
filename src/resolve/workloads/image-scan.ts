import type { Document, Pair } from 'yaml'
import { isMap, isPair, isScalar } from 'yaml'
import type { AskedImage } from './asked-image.ts'
import { fullReference, pullOf } from './asked-image.ts'
import { textAt, visitNodes } from './user-yaml.ts'

/** An image and the offset in the text where it is named. */
export interface FoundImage extends Omit<AskedImage, 'by'> {
  readonly offset: number
}

const textUnder = (pairs: readonly Pair[], names: readonly string[]): string | undefined => {
  const found = pairs.find(({ key }) => isScalar(key) && names.includes(String(key.value)))?.value
  return isScalar(found) && (typeof found.value === 'string' || typeof found.value === 'number')
    ? String(found.value)
    : undefined
}

const offsetOf = (node: unknown): number =>
  (node as { range?: [number, number, number] | null }).range?.[0] ?? 0

/** `{registry, repository, tag, digest}`, as operators and charts write an image. */
const imageOfParts = (pairs: readonly Pair[]): string | undefined => {
  const repository = textUnder(pairs, ['repository', 'reference'])
  if (repository === undefined) return undefined
  const registry = textUnder(pairs, ['registry'])
  const [tag, digest] = [textUnder(pairs, ['tag']), textUnder(pairs, ['digest', 'sha'])]
  const hex = digest?.replace(/^sha256:/, '')
  return [registry ? `${registry}/` : '', repository, tag ? `:${tag}` : '', hex ? `@sha256:${hex}` : ''].join(
    '',
  )
}

/** A name with a registry's host and a tag or digest, in any text: `--reloader=quay.io/prometheus-operator/x:v0.1`. */
const inText =
  /(?<![\w./:@-])((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?|localhost(?::\d+)?)\/[a-z0-9][a-z0-9._/-]*(?::[\w][\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})(?![\w/:-])/g

/** Longer texts are programs and pictures. */
const longestText = 200_000

const probableIn = (text: string): readonly string[] =>
  text.length > longestText
    ? []
    : [...text.matchAll(inText)].flatMap(({ 0: found }) => fullReference(found) ?? [])

const certain = (written: string, policy: string | undefined, offset: number): readonly FoundImage[] => {
  const image = fullReference(written)
  return image === undefined ? [] : [{ image, certainty: 'certain', pull: pullOf(image, policy), offset }]
}

/** What the key `image` of a map names: a text, or a map of its parts. */
const imageOf = (pair: Pair, siblings: readonly Pair[]): readonly FoundImage[] => {
  const policy = textUnder(siblings, ['imagePullPolicy', 'pullPolicy'])
  if (isScalar(pair.value)) {
    const { value } = pair.value
    return typeof value === 'string' ? certain(value, policy, offsetOf(pair.value)) : []
  }
  if (!isMap(pair.value)) return []
  const inner = pair.value.items.filter(isPair)
  const written = imageOfParts(inner)
  if (written === undefined) return []
  return certain(written, textUnder(inner, ['pullPolicy', 'imagePullPolicy']) ?? policy, offsetOf(pair.value))
}

/**
 * Every image that an object names: the key `image` at any depth, whatever kind it is, and texts elsewhere that look like one.
 * Definitions of custom resources name none.
 */
export const scanImages = (document: Document.Parsed): readonly FoundImage[] => {
  if (textAt(document, ['kind']) === 'CustomResourceDefinition') return []
  const found: FoundImage[] = []
  const seen = new Set<unknown>()
  visitNodes(document.contents, (node) => {
    if (isMap(node)) {
      const pairs = node.items.filter(isPair)
      for (const pair of pairs) {
        if (!isScalar(pair.key) || pair.key.value !== 'image') continue
        const images = imageOf(pair, pairs)
        if (images.length > 0) seen.add(pair.value)
        found.push(...images)
      }
      return
    }
    if (!isScalar(node) || seen.has(node) || typeof node.value !== 'string') return
    for (const image of probableIn(node.value))
      found.push({ image, certainty: 'probable', pull: 'other', offset: offsetOf(node) })
  })
  return found
}

/** The same image named twice at one place is one; what is certain is not also probable. */
export const distinct = (images: readonly AskedImage[]): readonly AskedImage[] => {
  const sure = new Set(images.filter(({ certainty }) => certainty === 'certain').map(({ image }) => image))
  const byKey = new Map(
    images
      .filter(({ certainty, image }) => certainty === 'certain' || !sure.has(image))
      .map((asked) => [`${asked.image} ${asked.pull} ${asked.by}`, asked]),
  )
  return [...byKey.values()]
}
