import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeAuthority } from '../testing/certificates.ts'
import { formatToken, hashCa, normalizeToken, parseToken } from './token.ts'

const HASH = 'a'.repeat(64)
const digest = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')
const derOf = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')

test.for<[string, object]>([
  ['secret', { caHash: '', username: '', password: 'secret', bootstrap: null }],
  [`K10${HASH}::server:secret`, { caHash: HASH, username: 'server', password: 'secret', bootstrap: null }],
  [
    `K10${HASH}::node:with:colon`,
    { caHash: HASH, username: 'node', password: 'with:colon', bootstrap: null },
  ],
  ['abcdef.0123456789abcdef', { caHash: '', bootstrap: 'abcdef.0123456789abcdef' }],
  [`K10${HASH}::abcdef.0123456789abcdef`, { caHash: HASH, bootstrap: 'abcdef.0123456789abcdef' }],
])('parses %s', ([text, expected]) => {
  expect(parseToken(text)).toMatchObject(expected)
})

test.for([
  ['', 'must not be empty'],
  ['K10abc::server:x', 'invalid token CA hash length'],
  [`K10${HASH}::server:`, 'invalid token format'],
  [`K10${HASH}::server`, 'invalid token format'],
] as const)('refuses "%s"', ([text, message]) => {
  expect(() => parseToken(text)).toThrow(message)
})

test('a bootstrap token is no token of a server', () => {
  expect(normalizeToken(`K10${HASH}::server:secret`)).toBe('secret')
  expect(() => normalizeToken('abcdef.0123456789abcdef')).toThrow('failed to normalize server token')
})

test('one certificate: the hash is over the bytes of the file', async () => {
  const { pem } = await makeAuthority('ca')
  expect(hashCa(Buffer.from(pem))).toBe(digest(pem))
  expect(formatToken('server:x', Buffer.from(pem))).toBe(`K10${digest(pem)}::server:x`)
  expect(() => hashCa(Buffer.from('nothing'))).toThrow('does not contain any valid')
})

test('a chain: the hash is over the root, through intermediates', async () => {
  const root = await makeAuthority('root')
  const middle = await makeAuthority('middle', { issuer: root })
  const issuing = await makeAuthority('issuing', { issuer: middle })
  const bundle = Buffer.from(issuing.pem + middle.pem + root.pem)
  expect(hashCa(bundle)).toBe(digest(derOf(root.pem)))
})

test('a chain that does not verify: the hash is over the bytes again', async () => {
  const root = await makeAuthority('root')
  const bytes = async (options: object): Promise<[string, string]> => {
    const issuing = await makeAuthority('issuing', { issuer: root, ...options })
    return [hashCa(Buffer.from(issuing.pem + root.pem)), digest(issuing.pem + root.pem)]
  }
  const [expired, expiredBytes] = await bytes({ notAfter: new Date('2025-06-01T00:00:00Z') })
  expect(expired).toBe(expiredBytes)
  const [client, clientBytes] = await bytes({ extendedKeyUsage: '1.3.6.1.5.5.7.3.2' })
  expect(client).toBe(clientBytes)
  const [any] = await bytes({ extendedKeyUsage: '2.5.29.37.0' })
  expect(any).toBe(digest(derOf(root.pem)))
  const narrow = await makeAuthority('narrow', { issuer: root, pathLength: 0 })
  const below = await makeAuthority('below', { issuer: narrow })
  const deeper = await makeAuthority('deeper', { issuer: below })
  expect(hashCa(Buffer.from(below.pem + narrow.pem + root.pem))).toBe(digest(derOf(root.pem)))
  const tooDeep = deeper.pem + below.pem + narrow.pem + root.pem
  expect(hashCa(Buffer.from(tooDeep))).toBe(digest(tooDeep))
  const other = await makeAuthority('other')
  const issuing = await makeAuthority('issuing', { issuer: root })
  expect(hashCa(Buffer.from(issuing.pem + other.pem))).toBe(digest(issuing.pem + other.pem))
})
