/**
 * Versions of Ignition's configuration that are written here. An Ignition reads all that are older than its own
 * (coreos.github.io/ignition/specs): 3.3.0 since 2.11, 3.4.0 since 2.15, 3.5.0 since 2.20.
 */
export const ignitionSpecs = ['3.3.0', '3.4.0', '3.5.0'] as const

export type IgnitionSpec = (typeof ignitionSpecs)[number]

/** What the Ignition of this release reads; the oldest where the release is not known. */
export const specOfIgnition = (release: string | undefined): IgnitionSpec => {
  const [, major, minor] = /^(\d+)\.(\d+)\b/.exec(release ?? '') ?? []
  if (Number(major) !== 2) return '3.3.0'
  if (Number(minor) >= 20) return '3.5.0'
  return Number(minor) >= 15 ? '3.4.0' : '3.3.0'
}
