import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { replayLine, shellQuote } from './shell-quote.ts'

test('any word comes back whole from a shell', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (word) => {
      // A NUL cannot be in an argument, and the shell must not read a word as an option of printf.
      const text = word.replaceAll('\0', '')
      expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(text)}`], { encoding: 'utf8' })).toBe(text)
    }),
    { numRuns: 40 },
  )
})

test.each([
  [['ls', '-l'], {}, 'ls -l'],
  [['sh', '-c', "echo 'a b'"], {}, `sh -c 'echo '\\''a b'\\'''`],
  [
    ['cat'],
    { cwd: '/a b', env: { X: '1 2' }, stdin: 'in', stdout: 'out' },
    `(cd '/a b' && X='1 2' cat < in > out)`,
  ],
])('replay line of %j', (argv, options, expected) => {
  expect(replayLine(argv, options)).toBe(expected)
})
