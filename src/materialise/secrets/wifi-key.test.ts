import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wifiKeyfileLine, wifiKeyLines } from './wifi-key.ts'

test.each([
  ['short', 'a'.repeat(7)],
  ['long', 'z'.repeat(64)],
  ['beyond ASCII', 'schlüssel'],
  ['with a newline', 'correct\nhorse'],
  ['with a tab', 'correct\thorse'],
  ['empty', ''],
  ['a key cut short', 'f'.repeat(65)],
])('what is %s is no passphrase', (_, text) => {
  expect(wifiKeyLines(text, 'lab')).toBeUndefined()
  expect(wifiKeyfileLine(text)).toBeUndefined()
})

test('a key of 64 digits stands without quotes, and WPA3 is not asked for', () => {
  expect(wifiKeyLines('0aF9'.repeat(16), 'lab')).toBe(
    `\tkey_mgmt=WPA-PSK WPA-PSK-SHA256\n\tpsk=${'0aF9'.repeat(16)}\n`,
  )
})

test('a key of 64 digits stands in a keyfile as it is', () => {
  expect(wifiKeyfileLine('0aF9'.repeat(16))).toBe(`psk=${'0aF9'.repeat(16)}\n`)
})

test('the key is that of the test vectors of the standard', () => {
  // IEEE 802.11i, annex H.4.3.
  expect(wifiKeyLines('password', 'IEEE')).toContain(
    'psk=f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e\n',
  )
  expect(wifiKeyLines('ThisIsAPassword', 'ThisIsASSID')).toContain(
    'psk=0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af\n',
  )
})

const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code))

test('any passphrase is read back as it was, and nothing in it can be anything else', () => {
  fc.assert(
    fc.property(fc.array(printable, { minLength: 8, maxLength: 63 }), (letters) => {
      const text = letters.join('')
      const lines = wifiKeyLines(text, 'lab') ?? ''
      expect(lines).toMatch(/^\tkey_mgmt=[A-Z0-9 -]+ SAE\n\tpsk=[0-9a-f]{64}\n\tsae_password=[0-9a-f]+\n$/)
      expect(Buffer.from(/sae_password=(.*)\n/.exec(lines)?.[1] ?? '', 'hex').toString()).toBe(text)
      // As GLib reads a value: no space at either end of the line is a part of it, and a backslash begins an escape.
      const [, value = ''] = /^psk=(\S+)\n$/.exec(wifiKeyfileLine(text) ?? '') ?? []
      expect(value.replaceAll(/\\([s\\])/g, (_, sign) => (sign === 's' ? ' ' : sign))).toBe(text)
    }),
    { numRuns: 30 },
  )
})
