/** What the program says it is: the k3s release it takes the place of, in k3s's own form, and that it is a stand-in. */

export const K3S_VERSION = 'v1.33.1+k3s1'
export const CONTAINERD_VERSION = '2.0.5-k3s1.32'

export function versionText(program: string): string {
  return (
    `${program} version ${K3S_VERSION} (stand-in: not Kubernetes, for tests only)\n` +
    `node version ${process.version}\n`
  )
}

/** First patch release of each minor that renews leaves 120 days ahead; all before 1.30 do so 90 days ahead. */
const EARLY_RENEWAL: Readonly<Record<number, number>> = { 30: 13, 31: 9, 32: 5, 33: 1 }

/** How many days before its end a leaf certificate is renewed at start (k3s-io/k3s, May 2025). */
export function renewBeforeDays(version: string): number {
  const [, minor = 0, patch = 0] = (/^v1\.(\d+)\.(\d+)/.exec(version) ?? []).map(Number)
  return minor > 33 || patch >= (EARLY_RENEWAL[minor] ?? Number.POSITIVE_INFINITY) ? 120 : 90
}
