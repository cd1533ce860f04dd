import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backupTableSize, placeParts } from './geometry.ts'

const mib = 1024 * 1024

test('parts are aligned, in order, disjoint, hold their content, and leave room for the backup table', () => {
  const contents = fc.array(fc.integer({ min: 0, max: 3 * 1024 * mib }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(contents, (sizes) => {
      const { parts, imageSize } = placeParts(
        sizes.map((sizeBytes, index) => ({ name: `p${index}`, sizeBytes })),
        mib,
      )
      let end = mib
      parts.forEach((part, index) => {
        expect(part.offset % mib).toBe(0)
        expect(part.offset).toBe(end)
        expect(part.size).toBeGreaterThanOrEqual(sizes[index] ?? 0)
        expect(part.size).toBeGreaterThan(0)
        end = part.offset + part.size
      })
      expect(imageSize).toBeGreaterThanOrEqual(end + backupTableSize)
      expect(imageSize % mib).toBe(0)
      expect(imageSize - end).toBeLessThanOrEqual(mib)
    }),
  )
})
