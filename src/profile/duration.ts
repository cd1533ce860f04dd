const units: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
}

/** Seconds of a duration as Go writes it (`1h30m`, `10m`, `1.5s`, `0`); undefined where it is none. */
export const parseDuration = (text: string): number | undefined => {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+|0)$/.exec(text)
  if (match === null) return undefined
  const parts = [...(match[2] ?? '').matchAll(/([\d.]+)([a-zµ]+)/g)]
  const seconds = parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 1), 0)
  return match[1] === '-' ? -seconds : seconds
}
