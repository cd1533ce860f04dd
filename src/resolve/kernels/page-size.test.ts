import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { kernelPageSize } from './page-size.ts'
import { kernelHeader } from './testing.ts'

/** Bit 0: byte order. Bits 1 and 2: page size. Bit 3: placement (Linux, arch/arm64/booting.rst). */
test.each([
  [0b1010, '4k'],
  [0b1100, '16k'],
  [0b1110, '64k'],
  [0b1000, undefined],
])('flags %i of the header: %s', (flags, pages) => {
  expect(kernelPageSize(kernelHeader(flags))).toBe(pages)
  expect(kernelPageSize(gzipSync(kernelHeader(flags)))).toBe(pages)
})

test('what is no kernel for arm64 has no page size', () => {
  expect(kernelPageSize(new Uint8Array())).toBeUndefined()
  expect(kernelPageSize(new Uint8Array(4096))).toBeUndefined()
  expect(kernelPageSize(Uint8Array.from([0x1f, 0x8b, 1, 2, 3]))).toBeUndefined()
})
