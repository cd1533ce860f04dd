import type { Architecture } from './pins.ts'

/** File names of a k3s release (https://github.com/k3s-io/k3s/releases). */
export const binaryName = (architecture: Architecture): string =>
  architecture === 'amd64' ? 'k3s' : `k3s-${architecture}`
export const airgapName = (architecture: Architecture): string => `k3s-airgap-images-${architecture}.tar.zst`
export const sumsName = (architecture: Architecture): string => `sha256sum-${architecture}.txt`
export const imageListName = 'k3s-images.txt'

/** `v1.33.1+k3s1` -> `https://github.com/k3s-io/k3s/releases/download/v1.33.1%2Bk3s1/` */
export const upstreamRelease = (version: string): string =>
  `https://github.com/k3s-io/k3s/releases/download/${encodeURIComponent(version)}/`

/** Lines of `<sha256>  <name>` (sha256sum's binary mark allowed), by name. */
export const parseSums = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line): readonly (readonly [string, string])[] => {
      const match = /^([0-9a-f]{64})[ \t]+\*?(?:\.\/)?(\S+)$/.exec(line.trim())
      return match === null ? [] : [[match[2] ?? '', match[1] ?? '']]
    }),
  )

/** Image names of k3s-images.txt, sorted, each once. */
export const parseImageList = (text: string): readonly string[] =>
  [
    ...new Set(
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('#')),
    ),
  ].toSorted()
