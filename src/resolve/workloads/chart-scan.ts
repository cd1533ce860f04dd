import type { AskedImage } from './asked-image.ts'
import { fullReference, pullOf } from './asked-image.ts'
import { chartYaml } from './chart.ts'
import type { ChartFiles } from './chart-archive.ts'

type Values = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As Helm merges values: maps key by key, everything else as a whole. */
const merged = (below: unknown, above: unknown): unknown => {
  if (!isMap(below) || !isMap(above)) return above === undefined ? below : above
  const keys = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries([...keys].map((key) => [key, merged(below[key], above[key])]))
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

const imageOfMap = (values: Values, appVersion: string): string | undefined => {
  const repository = textOf(values['repository'])
  if (repository === '') return undefined
  const registry = textOf(values['registry'])
  const digest = textOf(values['digest']).replace(/^sha256:/, '')
  const tag = textOf(values['tag']) || (digest === '' ? appVersion : '')
  return `${registry === '' ? '' : `${registry}/`}${repository}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@sha256:${digest}`}`
}

const maxDepth = 64

/** Images that values name: `image: name`, and maps with a `repository`. */
const imagesOfValues = (values: unknown, appVersion: string, by: string): readonly AskedImage[] => {
  const found: AskedImage[] = []
  const add = (written: string, policy: unknown): void => {
    const image = fullReference(written)
    const pull = typeof policy === 'string' && policy !== '' ? policy : undefined
    if (image !== undefined) found.push({ image, certainty: 'probable', pull: pullOf(image, pull), by })
  }
  const walk = (value: unknown, depth: number): void => {
    if (depth > maxDepth) return
    if (Array.isArray(value)) for (const item of value) walk(item, depth + 1)
    if (!isMap(value)) return
    const written = imageOfMap(value, appVersion)
    if (written !== undefined) add(written, value['pullPolicy'])
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'image' && typeof inner === 'string' && inner !== '') add(inner, value['imagePullPolicy'])
      walk(inner, depth + 1)
    }
  }
  walk(values, 0)
  return found
}

/** `image: nginx:1.29` in a template, without anything to be filled in. */
const literalImage = /^[ \t-]*image:[ \t]*["']?([A-Za-z0-9][\w./:@-]*)["']?[ \t]*(?:#.*)?$/gm

/**
 * What can be said of a chart without Helm: images in its values under those of the profile, in those of charts below it, and
 * written out in templates. Whether they are used is not known, and there may be others.
 */
export const scanChart = (name: string, files: ChartFiles, own: unknown): readonly AskedImage[] => {
  const by = (path: string): string => `chart ${name}, ${path}`
  const versionIn = (folder: string): string =>
    textOf(chartYaml(files, `${folder}Chart.yaml`)?.['appVersion'])
  const found: AskedImage[] = []
  for (const path of [...files.keys()].toSorted()) {
    const [, folder] = /^(|(?:charts\/[^/]+\/)+)values\.yaml$/.exec(path) ?? []
    if (folder !== undefined) {
      const values = chartYaml(files, path)
      found.push(...imagesOfValues(folder === '' ? merged(values, own) : values, versionIn(folder), by(path)))
    }
    if (!/^(?:charts\/[^/]+\/)*templates\/.+\.(?:ya?ml|tpl)$/.test(path)) continue
    for (const [, written = ''] of new TextDecoder().decode(files.get(path)).matchAll(literalImage)) {
      const image = fullReference(written)
      if (image !== undefined)
        found.push({ image, certainty: 'probable', pull: pullOf(image, 'IfNotPresent'), by: by(path) })
    }
  }
  if (!files.has('values.yaml')) found.push(...imagesOfValues(own, versionIn(''), by('values')))
  return found
}
