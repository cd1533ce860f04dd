import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keptSeconds } from './watchdog.ts'

/** As bcm2835_wdt_start writes it: 20 bits of 1/65536 s. */
const inHardware = (seconds: number): number => ((seconds << 16) & 0xfffff) >> 16

test('a Raspberry Pi never starts anew between two signs of life that the kernel gives, every 8 s', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 900 }), (asked) => {
      const seconds = keptSeconds(asked, 'bcm2835_wdt')
      expect(seconds).toBeGreaterThanOrEqual(asked)
      expect(seconds - asked).toBeLessThan(16)
      // Up to 15 s systemd gives it, twice in the time.
      if (asked < 16) expect(seconds).toBe(asked)
      else expect(inHardware(seconds)).toBeGreaterThanOrEqual(12)
    }),
  )
})

test.each([
  [10, 10],
  [16, 28],
  [30, 30],
  [60, 60],
  [100, 108],
  [120, 124],
  [900, 908],
])('%i s become %i s', (asked, kept) => {
  expect(keptSeconds(asked, 'bcm2835_wdt')).toBe(kept)
  expect(keptSeconds(asked, null)).toBe(asked)
})
