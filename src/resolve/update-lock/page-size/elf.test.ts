import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadAlignment } from './elf.ts'
import { elfFile } from './testing.ts'

test('the least alignment of what is loaded', () => {
  expect(loadAlignment(elfFile([65536, 65536]))).toBe(65536)
  expect(loadAlignment(elfFile([65536, 4096]))).toBe(4096)
})

test('programs of other processors, scripts and halves of files are none', () => {
  expect(loadAlignment(elfFile([4096], { machine: 62 }))).toBeUndefined()
  expect(
    loadAlignment(Buffer.from('#!/bin/sh\necho a script of some length, as long as a header of a program\n')),
  ).toBeUndefined()
  expect(loadAlignment(elfFile([4096]).subarray(0, 100))).toBeUndefined()
  expect(loadAlignment(new Uint8Array())).toBeUndefined()
})

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      const bytes = Buffer.concat([elfFile([4096]).subarray(0, 20), tail])
      expect(() => loadAlignment(bytes)).not.toThrow()
    }),
  )
})
