import { redact } from './redaction.ts'

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** Powers of 1000, as disks are sold: `12.3 MB`. */
const formatBytes = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** `41 %, 12.3 MB of 30.0 MB`, `7 of 20`, `12.3 MB`; empty where there is nothing to say. */
export const describeProgress = (
  position: number,
  total: number | undefined,
  unit: 'bytes' | 'items' | 'steps' = 'steps',
): string => {
  const format = unit === 'bytes' ? formatBytes : String
  if (total === undefined || total === 0) return position === 0 ? '' : format(position)
  const percent = `${Math.floor((Math.min(position, total) / total) * 100)} %`
  return unit === 'bytes' ? `${percent}, ${format(position)} of ${format(total)}` : `${position} of ${total}`
}

/** `[=======>            ]`, `width` characters between the brackets. */
export const bar = (fraction: number, width: number): string => {
  const filled = Math.round(Math.min(Math.max(fraction, 0), 1) * width)
  return `[${'='.repeat(Math.max(filled - 1, 0))}${filled > 0 ? '>' : ''}${' '.repeat(width - filled)}]`
}

/** Text from programs and guests may move the cursor or ring, or hold a secret: only what can be printed is. */
export const printable = (text: string): string =>
  // Before anything is cut to the width of a terminal.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  redact(text).replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
