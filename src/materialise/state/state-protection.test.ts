import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import type { StateProtection } from '../../plan/build-plan.ts'
import { createSecretReader } from '../secrets/reader.ts'
import { Secret } from '../secrets.ts'
import type { StateContext, StatePlan } from './state.ts'
import { openState } from './state.ts'

const passphrase = 'seven-loaves-on-a-shelf'
let identity: string
let recipient: string
let other: { readonly identity: string; readonly recipient: string }
beforeAll(async () => {
  const pair = async () => {
    const made = await generateX25519Identity()
    return { identity: made, recipient: await identityToRecipient(made) }
  }
  const own = await pair()
  identity = own.identity
  recipient = own.recipient
  other = await pair()
})

let host: TestHost
let site: string
let folder: string
const useHost = async (environment: Readonly<Record<string, string>>): Promise<void> => {
  host = createTestHost({ environment })
  site = await host.files.makeTemporaryDirectory('state-')
  folder = join(site, '.appliance', 'lab')
}
beforeEach(() => useHost({}))
afterEach(() => host.close())

const planFor = (stateProtection: StateProtection): StatePlan => ({
  cluster: 'lab',
  pki: { form: 'self-signed', authority: null },
  stateProtection,
})
const contextOf = (ask: StateContext['ask'] = null): StateContext => ({
  readSecret: createSecretReader(host, site).read,
  profileDirectory: site,
  ask,
})
const toRecipients = (recipients: readonly string[]): StateProtection => ({
  kind: 'recipients',
  recipients,
  identity: { at: 'cluster.state.identity', source: { file: './key.txt' } },
})
const open = (protection: StateProtection, ask?: StateContext['ask']) =>
  openState(host, folder, planFor(protection), contextOf(ask))
const writeKey = (text: string) =>
  host.files.writeAtomic(join(site, 'key.txt'), `# made by the test\n${text}\n`, { mode: 0o600 })
/** Every file below the state's folder with its bytes and its time. */
const snapshot = async (): Promise<unknown> =>
  Promise.all(
    (await host.files.list(folder)).map(async (name) => [
      name,
      await host.files.sha256(join(folder, name)),
      (await host.files.stat(join(folder, name)))?.mtimeMs,
    ]),
  )
const fails = async (work: Promise<unknown>, code: string, text: string | RegExp): Promise<void> => {
  const fault = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(fault).toMatchObject({ code })
  expect(String(fault)).toMatch(text)
  expect((fault as { help: string }).help).not.toBe('')
}

test('to recipients: armored, opened by the identity of one, and only read by the next build', async () => {
  await writeKey(identity)
  const first = await open(toRecipients([other.recipient, recipient]))
  expect(await host.files.list(folder)).toEqual(['state.age'])
  expect((await host.files.stat(join(folder, 'state.age')))?.mode).toBe(0o600)
  expect(await host.files.readText(join(folder, 'state.age'))).toMatch(
    /^-----BEGIN AGE ENCRYPTED FILE-----\n/,
  )
  const before = await snapshot()
  const second = await open(toRecipients([recipient, other.recipient]))
  expect([first.isNew, second.isNew, second.fingerprint]).toEqual([true, false, first.fingerprint])
  expect(await snapshot()).toEqual(before)
})

test('another list of recipients is written at the next build', async () => {
  await writeKey(identity)
  const first = await open(toRecipients([recipient]))
  await open(toRecipients([recipient, other.recipient]))
  await writeKey(other.identity)
  const third = await open(toRecipients([recipient, other.recipient]))
  expect(third.fingerprint).toBe(first.fingerprint)
})

test('an identity that does not fit changes nothing, neither on a new state nor on an old one', async () => {
  await writeKey(other.identity)
  await fails(open(toRecipients([recipient])), 'L0104', 'of none of the recipients')
  expect(await host.files.list(folder).catch(() => [])).toEqual([])
  await writeKey(identity)
  await open(toRecipients([recipient]))
  const before = await snapshot()
  await writeKey(other.identity)
  await fails(open(toRecipients([recipient])), 'L0104', 'does not open the cluster state')
  await writeKey('no key at all')
  await fails(open(toRecipients([recipient])), 'L0103', 'no line AGE-SECRET-KEY')
  expect(await snapshot()).toEqual(before)
})

test('with a passphrase: from the environment, a file or the terminal; a wrong one changes nothing', async () => {
  const protection: StateProtection = { kind: 'passphrase', passphrase: null }
  await fails(open(protection), 'L0103', 'there is no passphrase')
  const asked: unknown[] = []
  const first = await open(protection, async (question, options) => {
    asked.push([question, options])
    return new Secret(passphrase)
  })
  expect(asked).toEqual([
    [`new passphrase for ${join(folder, 'state.age')}`, { twice: true, signal: host.signal }],
  ])
  const before = await snapshot()
  await fails(
    open(protection, async () => new Secret('eight loaves')),
    'L0104',
    'does not open',
  )
  expect(await snapshot()).toEqual(before)
  const ciphertext = (await host.files.readText(join(folder, 'state.age'))) ?? ''
  await host.close()

  for (const how of ['APPLIANCE_PASSPHRASE', 'APPLIANCE_PASSPHRASE_FILE']) {
    const words = createTestHost()
    const file = join(await words.files.makeTemporaryDirectory('words-'), 'passphrase')
    await words.files.writeAtomic(file, `${passphrase}\n`, { mode: 0o600 })
    await useHost({ [how]: how.endsWith('FILE') ? file : passphrase })
    await host.files.makeDirectory(folder)
    await host.files.writeAtomic(join(folder, 'state.age'), ciphertext)
    expect((await open(protection)).fingerprint).toBe(first.fingerprint)
    await words.close()
  }
}, 60_000)

test.each([
  ['short', 'L0103', 'fewer than 8'],
  ['', 'L0103', 'no passphrase'],
])('a new passphrase `%s` is refused before anything is written', async (text, code, why) => {
  await useHost({ APPLIANCE_PASSPHRASE: text })
  await fails(open({ kind: 'passphrase', passphrase: null }), code, why)
  expect(await host.files.list(folder).catch(() => [])).toEqual([])
})

test('another protection re-writes the state in its form and leaves no other', async () => {
  await writeKey(identity)
  const first = await open({ kind: 'plain' })
  expect(host.lines.join('\n')).toContain('are not encrypted')
  const sealed = await open(toRecipients([recipient]))
  expect(await host.files.list(folder)).toEqual(['state.age'])
  const again = await openState(host, folder, planFor({ kind: 'plain' }), {
    ...contextOf(),
    readSecret: createSecretReader(host, site).read,
  }).catch((fault: unknown) => fault)
  expect(again).toMatchObject({ code: 'L0103' })
  expect(sealed.fingerprint).toBe(first.fingerprint)
  await useOldFolder({ APPLIANCE_AGE_IDENTITY_FILE: join(site, 'key.txt') })
  expect((await open({ kind: 'plain' })).fingerprint).toBe(first.fingerprint)
  expect(await host.files.list(folder)).toEqual(['state.json'])
})

/** Another environment, the same folder. */
const useOldFolder = async (environment: Readonly<Record<string, string>>): Promise<void> => {
  const old = host
  host = createTestHost({ environment })
  const close = host.close
  host = { ...host, close: () => close().then(old.close) }
}

test('plain copies of before the encryption are told of', async () => {
  await writeKey(identity)
  await open({ kind: 'plain' })
  const copy = join(folder, 'state.json.20260131T120000Z')
  await host.files.writeAtomic(copy, '{}', { mode: 0o600 })
  await open(toRecipients([recipient]))
  expect(host.lines.join('\n')).toContain(`are not encrypted, remove them: ${copy}`)
})

test('an interrupted change of protection: the form that the profile names is the newer', async () => {
  await writeKey(identity)
  const first = await open({ kind: 'plain' })
  const plain = (await host.files.readText(join(folder, 'state.json'))) ?? ''
  await open(toRecipients([recipient]))
  await host.files.writeAtomic(join(folder, 'state.json'), plain, { mode: 0o600 })
  expect((await open(toRecipients([recipient]))).fingerprint).toBe(first.fingerprint)
  expect(await host.files.list(folder)).toEqual(['state.age'])
})

test('a plain state of another cluster beside the encrypted one is put aside, not removed', async () => {
  await writeKey(identity)
  await open({ kind: 'plain' })
  const plain = (await host.files.readText(join(folder, 'state.json'))) ?? ''
  await open(toRecipients([recipient]))
  const foreign = plain.replace(/"created": "[^"]+"/, '"created": "2020-01-01T00:00:00.000Z"')
  await host.files.writeAtomic(join(folder, 'state.json'), foreign, { mode: 0o600 })
  await open(toRecipients([recipient]))
  expect(await host.files.list(folder)).toEqual(['state.age', expect.stringMatching(/^state\.json\.\d{8}T/)])
})

test.each([
  ['cut short', (text: string) => text.slice(0, text.length / 2)],
  ['cut within its header', (text: string) => text.slice(0, 120)],
  ['empty', () => ''],
  ['garbage', () => '\u0000\u0001garbage\uffff'.repeat(100)],
  [
    'another text in armor',
    () => '-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n-----END AGE ENCRYPTED FILE-----\n',
  ],
  [
    'changed by one letter',
    (text: string) => text.replace(/(.{900})(.)/s, (_, head, letter) => head + (letter === 'A' ? 'B' : 'A')),
  ],
])('an encrypted state that is %s is refused and stays as it is', async (_, damage) => {
  await writeKey(identity)
  await open(toRecipients([recipient]))
  const path = join(folder, 'state.age')
  await host.files.writeAtomic(path, damage((await host.files.readText(path)) ?? ''), { mode: 0o600 })
  const before = await snapshot()
  await fails(open(toRecipients([recipient])), 'L0105', 'damaged')
  expect(await snapshot()).toEqual(before)
})

test.each([
  ['a newer version', 'L0106', (text: string) => text.replace('"stateVersion": 1', '"stateVersion": 2')],
  ['another cluster', 'L0108', (text: string) => text.replace('"cluster": "lab"', '"cluster": "barn"')],
  ['a lost token', 'L0105', (text: string) => text.replace('"agent"', '"agant"')],
  ['half of it', 'L0105', (text: string) => text.slice(0, text.length / 2)],
])('a plain state with %s is refused and stays as it is', async (_, code, damage) => {
  await open({ kind: 'plain' })
  const path = join(folder, 'state.json')
  await host.files.writeAtomic(path, damage((await host.files.readText(path)) ?? ''), { mode: 0o600 })
  const before = await snapshot()
  await fails(open({ kind: 'plain' }), code, 'state')
  expect(await snapshot()).toEqual(before)
})

test('what a killed build left is removed by the next writing', async () => {
  await host.files.makeDirectory(folder, 0o700)
  await host.files.writeAtomic(join(folder, '.state.json.0a1b2c.tmp'), 'half', { mode: 0o600 })
  await open({ kind: 'plain' })
  expect(await host.files.list(folder)).toEqual(['state.json'])
})
