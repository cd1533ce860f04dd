import { imageName, printImageReference, readImageReference } from '../../profile/image-reference.ts'

/** An image that a manifest or a chart names. */
export interface AskedImage {
  /** In full, with its tag, digest or both: `docker.io/library/nginx:1.29`. */
  readonly image: string
  /** `probable`: a text that looks like the name of an image where Kubernetes does not look for one. */
  readonly certainty: 'certain' | 'probable'
  /** Whether the node asks a registry for it at every start, and why: it says so, or its tag is `latest` and it says nothing. */
  readonly pull: 'always' | 'latest' | 'other'
  /** `./manifests/oven.yaml:14:16`, `chart podinfo, templates/deployment.yaml`. */
  readonly by: string
}

/** In full; undefined where it is the name of no image. */
export const fullReference = (text: string): string | undefined => {
  const reference = readImageReference(text)
  if ('fault' in reference) return undefined
  return reference.digest === undefined ? imageName(reference) : printImageReference(reference)
}

/** kubernetes.io/docs/concepts/containers/images, "Image pull policy": `latest` and no tag mean Always. */
export const pullOf = (image: string, policy: string | undefined): AskedImage['pull'] => {
  if (policy === 'Always') return 'always'
  return policy === undefined && image.endsWith(':latest') && !image.includes('@') ? 'latest' : 'other'
}

/** One line of the lock. */
export const printAskedImage = ({ image, certainty, pull, by }: AskedImage): string =>
  `${image} ${certainty} ${pull} ${by}`

export const readAskedImage = (line: string): AskedImage | undefined => {
  const match = /^(\S+) (certain|probable) (always|latest|other) (.+)$/.exec(line)
  if (match === null) return undefined
  const [, image = '', certainty, pull, by = ''] = match
  return {
    image,
    certainty: certainty === 'certain' ? 'certain' : 'probable',
    pull: pull === 'always' || pull === 'latest' ? pull : 'other',
    by,
  }
}
