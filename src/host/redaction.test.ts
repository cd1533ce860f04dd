import { Buffer } from 'node:buffer'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeholder, redact, registerSecret } from './redaction.ts'
import { processorMs } from './testing.ts'

const fresh = (): string => `value-${randomBytes(9).toString('hex')}`

test('text is the same object while it holds no secret', () => {
  const text = 'nothing to hide here, at all'
  expect(redact(text)).toBe(text)
})

test.each<[string, (value: string) => string]>([
  ['plain', (value) => value],
  ['hex', (value) => Buffer.from(value).toString('hex')],
  ['upper-case hex', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ['base64', (value) => Buffer.from(value).toString('base64')],
  ['base64 after one byte', (value) => Buffer.from(`a${value}z`).toString('base64')],
  ['base64 after two bytes', (value) => Buffer.from(`ab${value}zz`).toString('base64')],
  ['in an address', encodeURIComponent],
  ['JSON', (value) => JSON.stringify({ value })],
  ['JSON in JSON', (value) => JSON.stringify(JSON.stringify({ value }))],
])('a secret is hidden as %s', (_, form) => {
  const value = `a "quoted"\n@${fresh()}`
  registerSecret(value)
  const shown = redact(`before ${form(value)} after`)
  expect(shown).toContain(placeholder)
  for (const part of [value, Buffer.from(value).toString('hex'), value.slice(-12)])
    expect(shown.toLowerCase()).not.toContain(part.toLowerCase())
  expect(shown.startsWith('before ') && shown.endsWith(' after')).toBe(true)
})

test('two side by side become one, the longer of two wins', () => {
  const value = fresh()
  registerSecret(value)
  registerSecret(`${value}-longer`)
  expect(redact(`${value}${value}`)).toBe(placeholder)
  expect(redact(`x ${value}-longer y`)).toBe(`x ${placeholder} y`)
})

test('the passwords in tokens and addresses are hidden alone too', () => {
  const [password, encoded] = [fresh(), 'p@ss/word']
  registerSecret(`K10${'a'.repeat(64)}::server:${password}\n`)
  registerSecret(`http://user:${encodeURIComponent(encoded)}@proxy:3128`)
  expect(redact(`password ${password} or ${encoded}`)).toBe(`password ${placeholder} or ${placeholder}`)
  expect(redact('proxy:3128 of user')).toBe('proxy:3128 of user')
})

test('a key is hidden line by line, the certificate beside it is not', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const certificate = `-----BEGIN CERTIFICATE-----\n${randomBytes(48).toString('base64')}\n-----END CERTIFICATE-----\n`
  registerSecret(certificate + pem)
  const lines = pem.split('\n').filter((line) => line.length === 64)
  for (const line of lines) expect(redact(`| ${line}`)).toBe(`| ${placeholder}`)
  expect(redact(certificate)).toBe(certificate)
})

test('what is too short to be told from words is left alone', () => {
  registerSecret('abc12')
  expect(redact('abc12')).toBe('abc12')
})

test('property: no secret is left in any text, and what is no secret is', () => {
  const value = fc.string({ minLength: 8, maxLength: 40 }).filter((text) => text.trim().length >= 8)
  fc.assert(
    fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
      registerSecret(secret)
      expect(redact(before + secret + after)).not.toContain(secret.trim())
    }),
    { numRuns: 200 },
  )
})

test('thousands of secrets cost little', () => {
  for (let index = 0; index < 2000; index += 1) registerSecret(randomBytes(16).toString('hex'))
  const text = `${'some line of a log, of the usual length and words\n'.repeat(100_000)}`
  const started = processorMs()
  expect(redact(text)).toBe(text)
  // 5 MB in some tens of milliseconds.
  expect(processorMs() - started).toBeLessThan(1000)
})
