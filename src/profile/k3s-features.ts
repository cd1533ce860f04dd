import type { FirstReleases } from '../recipes/k3s-tables.ts'
import { isFrom, parseK3sRelease } from './k3s-version.ts'

/** Bootstrap tokens and chains of CAs came together, in February 2023 (k3s-io/k3s#6663, #6615). */
const february2023: FirstReleases = { 23: 17, 24: 11, 25: 7, 26: 2 }

const has = (version: string, firsts: FirstReleases): boolean => {
  const release = parseK3sRelease(version)
  return release !== undefined && isFrom(release, firsts)
}

/**
 * Whether k3s takes a bundle of issuing CA, intermediate and root. Before, the controller manager wants exactly one
 * certificate (kubernetes/kubernetes#97994), and only self-signed CAs work.
 */
export const takesCaChains = (version: string): boolean => has(version, february2023)

/** Whether agents of this release can join with `<id>.<secret>`. */
export const knowsBootstrapTokens = (version: string): boolean => has(version, february2023)
