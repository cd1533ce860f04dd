import { expect, test } from 'vitest'
import { createLineSplitter } from './line-splitter.ts'

const split = (...chunks: readonly Uint8Array[]): readonly string[] => {
  const lines: string[] = []
  const splitter = createLineSplitter((line) => lines.push(line))
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}

test.each([
  ['a\nb\n', ['a', 'b']],
  ['a\r\nb', ['a', 'b']],
  ['10%\r20%\rdone\n', ['10%', '20%', 'done']],
  ['', []],
])('%j', (text, expected) => {
  expect(split(Buffer.from(text))).toEqual(expected)
})

test('a character cut between two chunks stays whole', () => {
  const bytes = Buffer.from('größe\n')
  expect(split(bytes.subarray(0, 3), bytes.subarray(3))).toEqual(['größe'])
})

test('a line without end does not grow without end', () => {
  expect(split(Buffer.alloc(100_000, 'x'))[0]?.length).toBeLessThan(10_000)
})
