import { X509Certificate } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { makeClusterPki } from '../pki/cluster-pki.ts'
import type { ClientRequest } from './clients.ts'
import { clientOf, withClients } from './clients.ts'
import type { StateDocument } from './state-file.ts'

const dayMs = 24 * 60 * 60 * 1000
const start = Date.parse('2026-11-22T12:00:00Z')
const alice: ClientRequest = { user: 'alice', groups: ['dev'], lifetimeDays: 90 }

/** A world whose clock stands at a day after the first build, and what it was told. */
const onDay = (day: number) => {
  const lines: string[] = []
  const tell = (text: string): void => void lines.push(text)
  const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  return { lines, now: () => start + day * dayMs, randomBytes, report: { info: tell, warn: tell } as never }
}

const makePki = (day = 0): Promise<StateDocument['pki']> =>
  makeClusterPki({ cluster: 'lab', pki: { form: 'self-signed', authority: null } }, onDay(day))

let fresh: StateDocument
let first: StateDocument
beforeAll(async () => {
  fresh = {
    stateVersion: 1,
    cluster: 'lab',
    created: new Date(start).toISOString(),
    pki: await makePki(),
    tokens: { server: 'a'.repeat(32), agent: 'b'.repeat(32) },
    bootstrapTokens: [],
    clusterSecret: 'c'.repeat(64),
    clients: [],
  }
  first = await withClients(fresh, [alice], onDay(0))
})

const endOf = (document: StateDocument): number =>
  Date.parse(new X509Certificate(clientOf(document, alice).crt).validTo)

test('the lifetime counts from the day the certificate is made; its start lies in the past', () => {
  expect(endOf(first)).toBe(start + 90 * dayMs)
  const { validFrom, subject } = new X509Certificate(clientOf(first, alice).crt)
  expect(Date.parse(validFrom)).toBeLessThan(start - 365 * dayMs)
  expect(subject).toBe('O=dev\nCN=alice')
})

test('it is the same at the next builds, until thirty days before its end', async () => {
  for (const day of [0, 1, 59]) {
    const world = onDay(day)
    expect(await withClients(first, [alice], world)).toBe(first)
    expect(world.lines).toEqual([])
  }
})

test.each([
  ['it ends in 29 days', 61, {}],
  ['it ended on 2027-02-20', 91, {}],
  ['its groups changed', 1, { groups: ['dev', 'ops'] }],
  ['its groups changed', 1, { groups: [] }],
  ['its lifetime changed', 1, { lifetimeDays: 91 }],
])('a new one is made because %s', async (why, day, change) => {
  const world = onDay(day)
  const request = { ...alice, ...change }
  const next = await withClients(first, [request], world)
  expect(world.lines).toEqual([`making a new kubeconfig for alice: ${why}`])
  expect(next.clients).toHaveLength(1)
  expect(next.clients[0]?.key).not.toBe(first.clients[0]?.key)
  expect(endOf(next)).toBe(start + (day + request.lifetimeDays) * dayMs)
  expect(await withClients(next, [request], onDay(day))).toBe(next)
})

test('a new one is made when the CA is a new one', async () => {
  const rotated = { ...first, pki: await makePki() }
  const world = onDay(1)
  const next = await withClients(rotated, [alice], world)
  expect(world.lines).toEqual(['making a new kubeconfig for alice: the CA that signs it is a new one'])
  const ca = new X509Certificate(rotated.pki.authorities['client-ca'].crt)
  expect(new X509Certificate(clientOf(next, alice).crt).verify(ca.publicKey)).toBe(true)
})

test('short ones are made anew in their last third, not at every build', async () => {
  const short = { ...alice, lifetimeDays: 9 }
  const made = await withClients(fresh, [short], onDay(0))
  expect(await withClients(made, [short], onDay(5))).toBe(made)
  expect(await withClients(made, [short], onDay(7))).not.toBe(made)
})

test('none outlives its CA; the warning names the day, and later builds keep it', async () => {
  const day = 15 * 365
  const long = { ...alice, lifetimeDays: 10 * 365 }
  const world = onDay(day)
  const made = await withClients(fresh, [long], world)
  const caEnd = new X509Certificate(fresh.pki.authorities['client-ca'].crt).validTo
  expect(endOf(made)).toBe(Date.parse(caEnd))
  expect(world.lines).toHaveLength(1)
  expect(world.lines[0]).toMatch(/^the kubeconfig of alice ends on 2046-.*with its CA/)
  expect(await withClients(made, [long], onDay(day + 5 * 365))).toBe(made)
})

test('a certificate whose user is asked for no longer stays in the state: it is valid still', async () => {
  const next = await withClients(first, [{ user: 'bob', groups: [], lifetimeDays: 30 }], onDay(1))
  expect(next.clients.map(({ user }) => user)).toEqual(['alice', 'bob'])
})
