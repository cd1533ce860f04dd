import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { caHash } from './pki/ca-hash.ts'
import type { StateDocument } from './state/state-file.ts'
import { paperState } from './state/testing/paper-state.ts'
import { agentToken, bootstrapManifest, bootstrapToken, serverToken, withBootstrapTokens } from './tokens.ts'

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

/** Its certificates are none: the hash of one file is over its bytes, whatever they are. */
const state: Pick<StateDocument, 'pki' | 'tokens'> = {
  ...paperState('2026-01-01T00:00:00.000Z', 0),
  tokens: { server: 'a'.repeat(32), agent: 'b'.repeat(32) },
}
const serverCa = state.pki.authorities['server-ca'].crt

test('every token pins the hash of the server CA, each with its own credentials', () => {
  const hash = caHash(serverCa)
  expect(hash).toBe(createHash('sha256').update(serverCa).digest('hex'))
  expect(serverToken(state)).toBe(`K10${hash}::server:${'a'.repeat(32)}\n`)
  expect(agentToken(state)).toBe(`K10${hash}::node:${'b'.repeat(32)}\n`)
  expect(bootstrapToken(state, { id: 'abc123', secret: '0123456789abcdef' })).toBe(
    `K10${hash}::abc123.0123456789abcdef\n`,
  )
})

test('a token has the form that Kubernetes asks for, whatever the random bytes are', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(255)), (stream) => {
      // Bytes above the limit alone would never end; a real source gives them one time in sixty.
      const bytes = (length: number): Uint8Array =>
        Uint8Array.from([...stream.take(length)].map((byte, index) => (index % 2 === 0 ? byte % 252 : byte)))
      const [token] = withBootstrapTokens([], [{ node: 'oven-1', expires: null }], bytes)
      expect(token?.id).toMatch(/^[a-z0-9]{6}$/)
      expect(token?.secret).toMatch(/^[a-z0-9]{16}$/)
    }),
    { numRuns: 50 },
  )
})

test('every letter is as likely as the others', () => {
  const requests = Array.from({ length: 2000 }, (_, index) => ({ node: `oven-${index}`, expires: null }))
  const text = withBootstrapTokens([], requests, random)
    .map(({ id, secret }) => id + secret)
    .join('')
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  const expected = text.length / 36
  expect(counts.size).toBe(36)
  for (const [letter, count] of counts)
    expect(Math.abs(count - expected), letter).toBeLessThan(expected * 0.25)
})

test('a token is made once: it stays when others come, and keeps id and secret under a new end', () => {
  const first = withBootstrapTokens([], [{ node: 'oven-1', expires: null }], random)
  const ends = '2027-01-31T00:00:00Z'
  const second = withBootstrapTokens(
    first,
    [
      { node: 'oven-2', expires: null },
      { node: 'oven-1', expires: ends },
    ],
    random,
  )
  expect(second[1]).toEqual({ ...first[0], expires: ends })
  expect(second[0]).toMatchObject({ node: 'oven-2', expires: null })
  expect(second[0]?.id).not.toBe(first[0]?.id)
})

test('a token that is no longer asked for is forgotten; asked for again it is another one', () => {
  const first = withBootstrapTokens([], [{ node: 'oven-1', expires: null }], random)
  expect(withBootstrapTokens(first, [], random)).toEqual([])
  const again = withBootstrapTokens([], [{ node: 'oven-1', expires: null }], random)
  expect(again[0]?.secret).not.toBe(first[0]?.secret)
})

const decoded = (manifest: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries<string>(parse(manifest).data).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]),
  )

test('the manifest is the Secret that Kubernetes and k3s ask for', () => {
  const token = { node: 'oven-1', id: 'abc123', secret: '0123456789abcdef', expires: '2027-01-31T00:00:00Z' }
  const manifest = bootstrapManifest(token)
  expect(parse(manifest)).toMatchObject({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'bootstrap-token-abc123', namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
  })
  expect(decoded(manifest)).toEqual({
    'token-id': 'abc123',
    'token-secret': '0123456789abcdef',
    description: 'lets oven-1 join',
    expiration: '2027-01-31T00:00:00Z',
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': 'system:bootstrappers:k3s:default-node-token',
  })
  expect(decoded(bootstrapManifest({ ...token, expires: null }))).not.toHaveProperty('expiration')
})
