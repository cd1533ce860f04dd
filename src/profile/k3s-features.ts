/** First patch release of each minor that has a feature; newer minors have it, older ones have not. */
type FirstReleases = Readonly<Record<number, number>>

/** Bootstrap tokens and chains of CAs came together, in February 2023 (k3s-io/k3s#6663, #6615). */
const february2023: FirstReleases = { 23: 17, 24: 11, 25: 7, 26: 2 }

/** `v1.26.2+k3s1`; a pre-release counts as the release before it. */
const isFrom = (version: string, firsts: FirstReleases): boolean => {
  const match = /^v1\.(\d+)\.(\d+)(-)?/.exec(version)
  if (match === null) return false
  const [minor, patch] = [Number(match[1]), Number(match[2]) - (match[3] === undefined ? 0 : 1)]
  const first = firsts[minor]
  return first === undefined ? minor > Math.max(...Object.keys(firsts).map(Number)) : patch >= first
}

/**
 * Whether k3s takes a bundle of issuing CA, intermediate and root. Before, the controller manager wants exactly one
 * certificate (kubernetes/kubernetes#97994), and only self-signed CAs work.
 */
export const takesCaChains = (version: string): boolean => isFrom(version, february2023)

/** Whether agents of this release can join with `<id>.<secret>`. */
export const knowsBootstrapTokens = (version: string): boolean => isFrom(version, february2023)

/** Keys of snapshots that came later than snapshots to S3 themselves (k3s-io/k3s#4866, #3985; cli/cmds/server.go of 1.34). */
const snapshotKeys: Readonly<Record<string, FirstReleases>> = {
  'etcd-s3-insecure': { 21: 5, 22: 2 },
  'etcd-snapshot-compress': { 21: 9, 22: 6, 23: 3 },
  'etcd-s3-retention': { 34: 0 },
}

/** Whether this release takes a key that `datastore.snapshots` becomes. */
export const knowsSnapshotKey = (version: string, key: string): boolean => {
  const firsts = snapshotKeys[key]
  return firsts === undefined || isFrom(version, firsts)
}
