import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSchedule } from './cron.ts'

test.each([
  '0 */12 * * *',
  '*/5 0-6,22 1 jan-mar MON',
  '0 0 ? * 0',
  '5/15 * * * *',
  '@daily',
  '@every 6h',
  '@every 1h30m',
])('a schedule: %s', (text) => {
  expect(isSchedule(text)).toBe(true)
})

test.each([
  '',
  '* * * *',
  '0 */12 * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 7',
  '* * * * mo',
  '9-5 * * * *',
  '*/0 * * * *',
  '1-2-3 * * * *',
  '1,,2 * * * *',
  '@often',
  '@every',
  '@every 6',
  '@every h',
])('no schedule: %s', (text) => {
  expect(isSchedule(text)).toBe(false)
})

test('numbers within their bounds are a schedule, in any list', () => {
  const field = (low: number, high: number) =>
    fc
      .array(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 4 })
      .map((numbers) => numbers.join(','))
  fc.assert(
    fc.property(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6), (...fields) => {
      expect(isSchedule(fields.join(' '))).toBe(true)
    }),
  )
})
