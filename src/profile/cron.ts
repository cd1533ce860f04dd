/** Bounds of the five fields: minute, hour, day of month, month, day of week. */
const fields = [
  { low: 0, high: 59, names: [] },
  { low: 0, high: 23, names: [] },
  { low: 1, high: 31, names: [] },
  { low: 1, high: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  { low: 0, high: 6, names: 'sun mon tue wed thu fri sat'.split(' ') },
] as const satisfies readonly { low: number; high: number; names: readonly string[] }[]

type Field = (typeof fields)[number]

const numberIn = (text: string, { low, high, names }: Field): number | undefined => {
  const named = (names as readonly string[]).indexOf(text.toLowerCase())
  const value = named === -1 ? (/^\d+$/.test(text) ? Number(text) : Number.NaN) : named + low
  return value >= low && value <= high ? value : undefined
}

const isPart = (text: string, field: Field): boolean => {
  const [range = '', step, ...more] = text.split('/')
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false
  if (range === '*' || range === '?') return true
  const [from = '', to, ...rest] = range.split('-')
  const first = numberIn(from, field)
  if (first === undefined || rest.length > 0) return false
  if (to === undefined) return true
  const last = numberIn(to, field)
  return last !== undefined && last >= first
}

const descriptor = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/
/** Durations as Go writes them; without fractions, which nobody schedules by. */
const every = /^@every (?=\d)(\d+h)?(\d+m)?(\d+s)?$/

/** What the cron parser of k3s takes (robfig/cron v3, `ParseStandard`), without its `TZ=` prefix. */
export const isSchedule = (text: string): boolean => {
  if (text.startsWith('@')) return descriptor.test(text) || every.test(text)
  const written = text.trim().split(/\s+/)
  return (
    written.length === fields.length &&
    fields.every((field, index) => (written[index] ?? '').split(',').every((part) => isPart(part, field)))
  )
}
