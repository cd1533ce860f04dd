import { expect, test } from 'vitest'
import { bytesOnData } from './imported-bytes.ts'

const mib = 1024 * 1024
const nothing = bytesOnData({ sizeBytes: 0, unpackedBytes: 0 }, 0)

/** In MiB, beside what k3s itself takes. */
const imported = (sizeMib: number, unpackedMib: number | null, blobsMib = 0): readonly number[] => {
  const unpackedBytes = unpackedMib === null ? null : unpackedMib * mib
  const { lower, upper } = bytesOnData({ sizeBytes: sizeMib * mib, unpackedBytes }, blobsMib * mib)
  return [(lower - nothing.lower) / mib, (upper - nothing.upper) / mib]
}

test.each([
  ['plain layers are kept as they are, and unpacked when they run', 200, 700, 0, [700, 1400]],
  ['packed layers are kept packed, and grow when they run', 200, 210, 0, [210, 840]],
  ['what nobody has measured is at least as large as it is', 200, null, 0, [200, 1600]],
  ['images of the profile are packed', 0, 0, 100, [100, 400]],
])('%s', (_, size, unpacked, blobs, expected) => {
  expect(imported(size, unpacked, blobs)).toEqual(expected)
})

test('k3s itself wants room without any image', () => {
  expect(nothing.lower).toBeGreaterThan(0)
  expect(nothing.upper).toBeGreaterThan(nothing.lower)
})
