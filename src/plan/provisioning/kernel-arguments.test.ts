import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changedCommandLine } from './kernel-arguments.ts'

test('a command line keeps its words in their order, loses those that are unwanted, and has each wanted one once', () => {
  const word = fc.stringMatching(/^[a-d]=?[a-d]?$/)
  const words = fc.array(word)
  fc.assert(
    fc.property(words, words, words, (before, wanted, absent) => {
      const present = [...new Set(wanted)].filter((each) => !absent.includes(each))
      const line = changedCommandLine(before.join('  '), { present, absent })
      expect(changedCommandLine(line, { present, absent })).toBe(line)
      const kept = before.filter((each) => !absent.includes(each))
      const added = present.filter((each) => !kept.includes(each))
      expect(line).toBe(`${[...kept, ...added].join(' ')}\n`)
    }),
  )
})
