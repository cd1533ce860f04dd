import type { BootEvidence } from '../evidence.ts'
import type { Outcome } from './check.ts'
import { fact, factLines, holds, noneOf } from './check.ts'

/** A value that must be there at the first boot and never change. */
const unchanged = (boots: readonly BootEvidence[], values: readonly string[], what: string): Outcome => {
  const distinct = new Set(values)
  return holds(
    distinct.size === 1 && !distinct.has(''),
    `one ${what} over ${boots.length} boots`,
    [...distinct].map((value) => (value === '' ? 'none' : value.replaceAll('\n', ', '))).join(' | '),
  )
}

interface Effort {
  readonly seconds: number | null
  /** Processor time of the guest, milliseconds. */
  readonly usedMs: number | null
}

/** Less at the best of the later boots than at the first: other work of the host only ever adds to a time. */
const less = (values: readonly (number | null)[]): boolean => {
  const [first = null, ...later] = values
  return first !== null && later.some((value) => value !== null && value < first)
}

/** By the clock, or by the guest's own processor time. */
const faster = (efforts: readonly Effort[], what: string): Outcome => {
  const show = ({ seconds, usedMs }: Effort): string =>
    seconds === null
      ? 'never'
      : `${seconds.toFixed(1)} s${usedMs === null ? '' : ` (${(usedMs / 1000).toFixed(1)} s of processor)`}`
  const ended = efforts.every(({ seconds }) => seconds !== null)
  return holds(
    ended && (less(efforts.map(({ seconds }) => seconds)) || less(efforts.map(({ usedMs }) => usedMs))),
    `${what} sooner at a later boot than at the first`,
    efforts.map(show).join(', then '),
  )
}

/** Seconds from the kernel's start to `exec k3s`. */
export const execSeconds = (boot: BootEvidence): number | null => {
  const text = fact(boot, 'exec-uptime')
  const value = Number(text)
  return text === '' || !Number.isFinite(value) ? null : value
}

const seconds = (milliseconds: number | null): number | null =>
  milliseconds === null ? null : milliseconds / 1000

/**
 * First k3s releases that remember what they have imported (`images/.cache.json`), by minor version; older minors
 * import every archive at every start. k3s release notes of May 2025.
 */
const importCacheSince: Readonly<Record<number, number>> = { 30: 13, 31: 9, 32: 5, 33: 1 }

export const remembersImports = (k3sVersion: string): boolean => {
  const [, minor = '', patch = ''] = /^v?1\.(\d+)\.(\d+)/.exec(k3sVersion) ?? []
  if (minor === '') return !/^v?0\./.test(k3sVersion)
  const since = importCacheSince[Number(minor)]
  return since === undefined ? Number(minor) > 33 : Number(patch) >= since
}

/** The release that ran, by its own words (`k3s version v1.33.1+k3s1 (99d91538)`), else the one that was planned. */
const runningVersion = (boots: readonly BootEvidence[], planned: string): string => {
  const said = boots.map((boot) => /\bv\d+\.\d+\.\d+\S*/.exec(fact(boot, 'k3s-version'))?.[0])
  return said.find((version) => version !== undefined) ?? planned
}

const execFaster = (boots: readonly BootEvidence[]): Outcome =>
  faster(
    boots.map((boot) => ({ seconds: execSeconds(boot), usedMs: boot.execUsedMs })),
    'k3s is started',
  )

const healthyFaster = (boots: readonly BootEvidence[]): Outcome =>
  faster(
    boots.map((boot) => ({ seconds: seconds(boot.healthyMs), usedMs: boot.healthyUsedMs })),
    'the node is healthy',
  )

/** False as long as another boot may still show that later boots are the faster ones. */
export const shownFaster = (boots: readonly BootEvidence[]): boolean =>
  boots.length < 2 || (execFaster(boots).passed && healthyFaster(boots).passed)

/** What several boots of one node say together. */
export const comparisonChecks: Readonly<
  Record<string, (boots: readonly BootEvidence[], k3sVersion: string) => Outcome>
> = {
  'machine-id-kept': (boots) => {
    const ids = boots.map((boot) => fact(boot, 'machine-id'))
    const outcome = unchanged(boots, ids, 'machine-id')
    return { ...outcome, passed: outcome.passed && /^[0-9a-f]{32}$/.test(ids[0] ?? '') }
  },
  'ssh-host-keys-kept': (boots) =>
    unchanged(
      boots,
      boots.map((boot) => factLines(boot, 'ssh-host-keys').toSorted().join('\n')),
      'set of ssh host keys',
    ),
  'boots-differ': (boots) => {
    const ids = new Set(boots.map((boot) => fact(boot, 'boot-id')).filter((id) => id !== ''))
    return holds(ids.size === boots.length, `${boots.length} boot ids`, `${ids.size} boot ids`)
  },
  'exec-faster': execFaster,
  'healthy-faster': healthyFaster,
  'imports-nothing-again': (boots, plannedVersion) => {
    const k3sVersion = runningVersion(boots, plannedVersion)
    if (!remembersImports(k3sVersion)) {
      return holds(true, 'nothing: this k3s imports at every start', `${k3sVersion} has no import cache`)
    }
    const imports = boots.slice(1).flatMap((boot) => factLines(boot, 'image-imports'))
    if (boots.slice(1).some((boot) => boot.facts === undefined)) {
      return holds(false, 'no import after the first boot', 'the node did not report')
    }
    return noneOf(imports, 'no import after the first boot', 'none')
  },
}
