import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wifiKeyLines } from './wifi-key.ts'

test.each([
  ['short', 'a'.repeat(7)],
  ['long', 'z'.repeat(64)],
  ['beyond ASCII', 'schlüssel'],
  ['with a newline', 'correct\nhorse'],
  ['with a tab', 'correct\thorse'],
  ['empty', ''],
  ['a key cut short', 'f'.repeat(65)],
])('what is %s is no passphrase', (_, text) => {
  expect(wifiKeyLines(text)).toBeUndefined()
})

test('a key of 64 digits stands without quotes, and WPA3 is not asked for', () => {
  expect(wifiKeyLines('0aF9'.repeat(16))).toBe(
    `\tkey_mgmt=WPA-PSK WPA-PSK-SHA256\n\tpsk=${'0aF9'.repeat(16)}\n`,
  )
})

const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code))

/** As wpa_config_get_line and wpa_config_parse_psk read it: a comment begins after the last quote; a text ends there. */
const readBack = (line: string): string => line.slice(line.indexOf('"') + 1, line.lastIndexOf('"'))

test('any passphrase is read back as it was, quotes, spaces and # among them', () => {
  fc.assert(
    fc.property(fc.array(printable, { minLength: 8, maxLength: 63 }), (letters) => {
      const text = letters.join('')
      const [keys, psk, end] = (wifiKeyLines(text) ?? '').split('\n')
      expect(keys).toContain('SAE')
      expect(readBack(psk ?? '')).toBe(text)
      expect(end).toBe('')
    }),
  )
})
