import type { FirstReleases } from '../recipes/k3s-tables.ts'

/** A release of k3s as tables look it up. */
export interface K3sRelease {
  /** 26 for v1.26. */
  readonly minor: number
  /** A pre-release counts as the release before it: -1 for v1.26.0-rc1. */
  readonly patch: number
}

/** `v1.26.2+k3s1`; undefined where the text does not begin as one. */
export const parseK3sRelease = (version: string): K3sRelease | undefined => {
  const match = /^v1\.(\d+)\.(\d+)(-)?/.exec(version)
  if (match === null) return undefined
  return { minor: Number(match[1]), patch: Number(match[2]) - (match[3] === undefined ? 0 : 1) }
}

/** Whether a release is one of the first ones or after them. */
export const isFrom = ({ minor, patch }: K3sRelease, firsts: FirstReleases): boolean => {
  const first = firsts[minor]
  return first === undefined ? minor > Math.max(...Object.keys(firsts).map(Number)) : patch >= first
}

/** The oldest release that has it and is no older than `minor`: `v1.27.10`. */
export const firstRelease = (firsts: FirstReleases, minor: number): string => {
  const minors = Object.keys(firsts).map(Number)
  const next = minors.find((candidate) => candidate >= minor) ?? minors.at(-1) ?? minor
  return `v1.${next}.${firsts[next] ?? 0}`
}
