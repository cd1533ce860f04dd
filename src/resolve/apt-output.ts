import type { Architecture, PackagePin } from './pins.ts'

const architectures: readonly string[] = ['arm64', 'amd64', 'all'] satisfies (Architecture | 'all')[]

const isArchitecture = (text: string): text is PackagePin['architecture'] => architectures.includes(text)

/** Archive key and path below its URL; the longest URL wins, since one may begin with another. */
const placeOf = (
  url: string,
  archives: Readonly<Record<string, string>>,
): readonly [string, string] | undefined => {
  const found = Object.entries(archives)
    .map(([key, base]) => [key, base.endsWith('/') ? base : `${base}/`] as const)
    .filter(([, base]) => url.startsWith(base))
    .toSorted(([, a], [, b]) => b.length - a.length)[0]
  return found === undefined ? undefined : [found[0], decodeURIComponent(url.slice(found[1].length))]
}

/**
 * One line of `apt-get --print-uris` under `Acquire::ForceHash "SHA256"`:
 * `'http://deb.debian.org/debian/pool/main/b/bash/bash_5.2.37-2%2bb5_arm64.deb' bash_5.2.37-2+b5_arm64.deb 1498948 SHA256:9f…`
 */
export const parsePrintUrisLine = (
  line: string,
  archives: Readonly<Record<string, string>>,
): PackagePin | undefined => {
  const match = /^'([^']+)' (\S+)_(\S+)_([a-z0-9]+)\.deb (\d+) SHA256:([0-9a-f]{64})$/.exec(line.trim())
  if (match === null) return undefined
  const [, url = '', name = '', version = '', architecture = '', size = '', sha256 = ''] = match
  const place = placeOf(url, archives)
  if (place === undefined || !isArchitecture(architecture)) return undefined
  const [archive, filename] = place
  return {
    name,
    version: decodeURIComponent(version),
    architecture,
    filename,
    archive,
    sha256,
    sizeBytes: Number(size),
  }
}

export const comparePins = (a: PackagePin, b: PackagePin): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.architecture < b.architecture ? -1 : 1

/** All packages of `apt-get --print-uris`, by name. Throws on a line that is not understood: nothing may be left out. */
export const parsePrintUris = (
  text: string,
  archives: Readonly<Record<string, string>>,
): readonly PackagePin[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith("'"))
    .map((line) => {
      const pin = parsePrintUrisLine(line, archives)
      if (pin === undefined) throw new Error(`apt-get --print-uris said something unknown: ${line}`)
      return pin
    })
    .toSorted(comparePins)

/** Names that apt does not know, from what it prints when it gives up. */
export const parseUnknownPackages = (lines: readonly string[]): readonly string[] => [
  ...new Set(
    lines.flatMap((line) => {
      const name =
        /Unable to locate package (\S+)/.exec(line)?.[1] ??
        /Package '?([^' ]+)'? has no installation candidate/.exec(line)?.[1]
      return name === undefined ? [] : [name]
    }),
  ),
]

/** ` bash | 5.2.37-2+b5 | http://deb.debian.org/debian trixie/main arm64 Packages` lines of `apt-cache madison`. */
export const parseMadison = (text: string): readonly { readonly name: string; readonly version: string }[] =>
  text.split('\n').flatMap((line) => {
    const [name = '', version = ''] = line.split('|').map((part) => part.trim())
    return name === '' || version === '' ? [] : [{ name, version }]
  })
