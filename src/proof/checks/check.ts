import type { BootEvidence } from '../evidence.ts'
import type { ReportKey } from '../report-keys.ts'
import type { Check } from '../verdict.ts'

export type Outcome = Omit<Check, 'name' | 'boot'>

/** A value that must be this and nothing else. */
export const equals = (actual: string, expected: string): Outcome => ({
  passed: actual === expected,
  expected,
  actual: actual === '' ? 'nothing' : actual,
})

/** Something that must hold; `actual` says what was found instead. */
export const holds = (passed: boolean, expected: string, actual: string): Outcome => ({
  passed,
  expected,
  actual,
})

/** A list of complaints that must be empty. */
export const noneOf = (complaints: readonly string[], expected: string, good: string): Outcome => ({
  passed: complaints.length === 0,
  expected,
  actual: complaints.length === 0 ? good : complaints.join('; '),
})

/** A fact without the white space around it; a fact that was never reported is empty, as one that could not be had. */
export const fact = (boot: BootEvidence, key: ReportKey): string => boot.facts?.get(key)?.trim() ?? ''

/** The lines of a fact that are not empty. */
export const factLines = (boot: BootEvidence, key: ReportKey): readonly string[] =>
  fact(boot, key)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
