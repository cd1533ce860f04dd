import { createHash, X509Certificate } from 'node:crypto'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import type { ClusterState, StatePlan } from './state.ts'
import { openState } from './state.ts'

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost()
  folder = join(await host.files.makeTemporaryDirectory('state-'), '.appliance', 'lab')
})
afterEach(() => host.close())

const plan: StatePlan = {
  cluster: 'lab',
  pki: { form: 'self-signed', authority: null },
  stateProtection: { kind: 'plain' },
}

const names = [
  ...['server-ca', 'client-ca', 'request-header-ca', 'etcd/server-ca', 'etcd/peer-ca'].flatMap((name) => [
    `pki/${name}.crt`,
    `pki/${name}.key`,
  ]),
  'pki/service.key',
  'token/server',
  'token/agent',
  'node-password/alpha',
]

const textOf = (state: ClusterState, name: string): string =>
  new TextDecoder().decode(state.value({ name, secret: true }).reveal())

test('every value is made once and is the same at the next build', async () => {
  const first = await openState(host, folder, plan)
  const second = await openState(host, folder, plan)
  expect([first.isNew, second.isNew]).toEqual([true, false])
  for (const name of names) expect(textOf(second, name), name).toBe(textOf(first, name))
  expect(new Set(names.map((name) => textOf(first, name))).size).toBe(names.length)
})

test('only its owner can read the state', async () => {
  await openState(host, folder, plan)
  expect((await host.files.stat(folder))?.mode).toBe(0o700)
  expect((await host.files.stat(join(folder, 'state.json')))?.mode).toBe(0o600)
  await host.files.chmod(join(folder, 'state.json'), 0o644)
  await expect(openState(host, folder, plan)).rejects.toMatchObject({ code: 'L0107' })
})

test('tokens pin the hash of the server CA file, each for its user', async () => {
  const state = await openState(host, folder, plan)
  const hash = createHash('sha256').update(textOf(state, 'pki/server-ca.crt')).digest('hex')
  expect(textOf(state, 'token/server')).toMatch(new RegExp(`^K10${hash}::server:[0-9a-f]{32}\n$`))
  expect(textOf(state, 'token/agent')).toMatch(new RegExp(`^K10${hash}::node:[0-9a-f]{32}\n$`))
  expect(textOf(state, 'node-password/alpha')).toMatch(/^[0-9a-f]{32}\n$/)
})

test('a client certificate is signed by the client CA, once for each user and group', async () => {
  const admin = { user: 'appliance-admin', groups: ['system:masters'] }
  const first = await (await openState(host, folder, plan)).clientCertificate(admin, 1095)
  const again = await openState(host, folder, plan)
  const second = await again.clientCertificate(admin, 1095)
  const pem = (crt: { reveal: () => Uint8Array }): string => new TextDecoder().decode(crt.reveal())
  expect(pem(second.crt)).toBe(pem(first.crt))
  expect(pem(second.key)).toBe(pem(first.key))
  const ca = new X509Certificate(textOf(again, 'pki/client-ca.crt'))
  expect(new X509Certificate(pem(first.crt)).verify(ca.publicKey)).toBe(true)
  const other = await again.clientCertificate({ ...admin, user: 'auditor' }, 1095)
  expect(pem(other.crt)).not.toBe(pem(first.crt))
})

test('a name the state does not know is refused by name', async () => {
  const state = await openState(host, folder, plan)
  expect(() => state.value({ name: 'pki/root-ca.key', secret: true })).toThrow('asks for pki/root-ca.key')
})

test.each([
  ['no JSON', '{"stateVersion":1,', 'not JSON'],
  ['not an object', '[]', 'not an object'],
  ['another version', '{"stateVersion":2,"cluster":"lab"}', 'version'],
  ['another cluster', '{"stateVersion":1,"cluster":"barn"}', 'belongs to barn, not to lab'],
  ['lost keys', '{"stateVersion":1,"cluster":"lab","pki":{}}', 'is missing in it'],
])('a state that is of no use is refused and left as it is: %s', async (_, text, why) => {
  await host.files.makeDirectory(folder, 0o700)
  await host.files.writeAtomic(join(folder, 'state.json'), text, { mode: 0o600 })
  await expect(openState(host, folder, plan)).rejects.toThrow(why)
  expect(await host.files.readText(join(folder, 'state.json'))).toBe(text)
})

test('a fault about a damaged state shows nothing of it', async () => {
  const state = await openState(host, folder, plan)
  const path = join(folder, 'state.json')
  const text = (await host.files.readText(path)) ?? ''
  await host.files.writeAtomic(path, text.replace('"tokens"', '"toucans"'), { mode: 0o600 })
  const fault = await openState(host, folder, plan).catch((error: unknown) => error)
  const shown = JSON.stringify([fault, String(fault), fault instanceof Error ? fault.stack : ''])
  for (const name of names.filter((candidate) => !candidate.endsWith('.crt'))) {
    for (const line of textOf(state, name)
      .split('\n')
      .filter((part) => part.length > 20 && !part.startsWith('-')))
      expect(shown, name).not.toContain(line)
  }
})

test('git takes nothing of a new state', async () => {
  await openState(host, folder, plan)
  expect(await host.files.readText(join(dirname(folder), '.gitignore'))).toBe('*\n')
})
