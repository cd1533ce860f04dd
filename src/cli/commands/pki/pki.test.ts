import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Code } from '../../../diagnostics/codes.ts'
import type { TestHost } from '../../../host/testing.ts'
import { createTestHost } from '../../../host/testing.ts'
import { caHash } from '../../../materialise/pki/ca-hash.ts'
import { openState } from '../../../materialise/state/state.ts'
import type { StateDocument } from '../../../materialise/state/state-file.ts'
import { certificateAuthorities } from '../../../plan/build-plan.ts'
import { oneServer, pinnedProfile } from '../../testing/pinned-profile.ts'
import type { ProgramRun } from '../../testing/run-program.ts'
import { runInProcess } from '../../testing/run-program.ts'
import { run as exportKeys } from './export.ts'

const dayMs = 24 * 60 * 60 * 1000
let host: TestHost
let site: string
let profile: string
let directory: string
beforeEach(async () => {
  host = createTestHost()
  site = await host.files.makeTemporaryDirectory('pki-')
  directory = join(site, '.appliance', 'lab')
  profile = await pinnedProfile(host, site, oneServer('  state: { encryption: none }'))
})
afterEach(() => host.close())

const makeState = async (form: 'chain' | 'self-signed' = 'chain', inFolder = directory): Promise<void> => {
  await openState(host, inFolder, {
    cluster: 'lab',
    pki: { form, authority: null },
    stateProtection: { kind: 'plain' },
    kubeconfigs: [
      {
        file: 'kubeconfig',
        server: 'https://lab-1:6443',
        user: 'admin',
        groups: ['system:masters'],
        lifetimeDays: 1095,
      },
    ],
  })
}
const stateIn = async (folder = directory): Promise<StateDocument> =>
  JSON.parse((await host.files.readText(join(folder, 'state.json'))) ?? '{}')
const pki = (command: string, flags: readonly string[] = [], nowMs = host.now()): Promise<ProgramRun> =>
  runInProcess(['pki', command, profile, ...flags], { host: { nowMs } })
const lockText = async (): Promise<string> => (await host.files.readText(join(site, 'lab.lock.yaml'))) ?? ''
const says = (code: Code): unknown => expect.stringContaining(`error[${code}]`)
/** All files below the site with their bytes. */
const snapshot = (): string =>
  execFileSync('sh', ['-c', 'find . -type f -exec sha256sum {} + | sort; find . -type d | sort'], {
    cwd: site,
    encoding: 'utf8',
  })
/** Every private value of a state must be absent from what a command prints. */
const showsNothing = ({ stdout, stderr }: ProgramRun, document: StateDocument): void => {
  const said = stdout + stderr
  expect(said).not.toMatch(/PRIVATE KEY/)
  for (const value of [document.clusterSecret, document.tokens.server, document.tokens.agent])
    expect(said).not.toContain(value)
}

test('show lists every certificate, the hash that tokens pin, and nothing secret', async () => {
  await makeState()
  const document = await stateIn()
  const run = await pki('show', ['--format', 'json'])
  expect(run.exitCode).toBe(0)
  const shown = JSON.parse(run.stdout)
  expect(shown).toMatchObject({
    cluster: 'lab',
    form: 'chain',
    protection: 'plain',
    caHash: caHash(document.pki.authorities['server-ca'].crt),
  })
  const names = shown.certificates.map(({ name }: { name: string }) => name)
  expect(names).toEqual(['root', 'intermediate', ...certificateAuthorities, 'client/admin'])
  showsNothing(run, document)
  const text = await pki('show')
  expect(text.stdout).toContain(`tokens pin K10${shown.caHash}`)
  showsNothing(text, document)
})

test.each(['show', 'renew', 'export'])(
  '%s without a state says what makes one, and makes nothing',
  async (command) => {
    const before = snapshot()
    const run = await pki(command, command === 'export' ? ['--to', join(site, 'tls')] : [])
    expect(run.exitCode).toBe(3)
    expect(run.stderr).toContain('has no state')
    expect(snapshot()).toBe(before)
  },
)

test('renew does nothing before its time; then new certificates for the same keys, and the old state is kept', async () => {
  await makeState()
  const before = await stateIn()
  expect((await pki('renew')).stderr).toContain('nothing ends within 180 days')
  expect(await stateIn()).toEqual(before)
  const late = host.now() + 19.8 * 365 * dayMs
  expect((await pki('renew', ['--name', 'root'], late)).exitCode).toBe(2)
  const named = await pki('renew', ['--name', 'server-ca', 'client/admin', '--format', 'json'], late)
  expect(named.exitCode, named.stderr).toBe(0)
  const after = await stateIn()
  const ends = (document: StateDocument) =>
    new X509Certificate(document.pki.authorities['server-ca'].crt).validTo
  expect(Date.parse(ends(after))).toBeGreaterThanOrEqual(Date.parse(ends(before)))
  expect(after.pki.authorities['server-ca'].key).toBe(before.pki.authorities['server-ca'].key)
  expect(after.clients[0]?.crt).not.toBe(before.clients[0]?.crt)
  expect(after.tokens).toEqual(before.tokens)
  const [kept = ''] = JSON.parse(named.stdout).kept
  expect(JSON.parse((await host.files.readText(kept)) ?? '')).toEqual(before)
  showsNothing(named, before)
  const due = await pki('renew', ['--format', 'json'], late)
  // Under a root that ends soon all end with it; the root itself is left, and the rest goes on.
  expect(due.exitCode, due.stderr).toBe(0)
  expect(JSON.parse(due.stdout).renewed).toEqual(['intermediate', ...certificateAuthorities, 'client/admin'])
})

test('rotate wants a yes, makes new keys, and the lock knows the cluster as before', async () => {
  await makeState('self-signed')
  const before = await stateIn()
  const plain = snapshot()
  expect((await pki('rotate')).exitCode).toBe(2)
  expect(snapshot()).toBe(plain)
  const run = await pki('rotate', ['--yes', '--format', 'json'])
  expect(run.exitCode, run.stderr).toBe(0)
  expect(JSON.parse(run.stdout).hashChanged).toBe(true)
  const after = await stateIn()
  expect(after.pki.authorities['server-ca'].key).not.toBe(before.pki.authorities['server-ca'].key)
  const { fingerprint } = JSON.parse((await pki('show', ['--format', 'json'])).stdout)
  expect(await lockText()).toContain(`fingerprint: ${fingerprint}`)
  showsNothing(run, before)
})

test('a lock from before a rotation is of this cluster, one from after it tells that an old state was put back', async () => {
  await makeState('self-signed')
  await pki('renew', ['--name', 'client/admin'])
  const [oldLock, oldState] = [
    await lockText(),
    (await host.files.readText(join(directory, 'state.json'))) ?? '',
  ]
  await pki('rotate', ['--yes'])
  const newState = (await host.files.readText(join(directory, 'state.json'))) ?? ''
  const newLock = await lockText()
  await host.files.writeAtomic(join(site, 'lab.lock.yaml'), oldLock)
  expect((await pki('show')).exitCode).toBe(0)
  await host.files.writeAtomic(join(site, 'lab.lock.yaml'), newLock)
  await host.files.writeAtomic(join(directory, 'state.json'), oldState, { mode: 0o600 })
  const run = await pki('show')
  expect([run.exitCode, run.stderr]).toEqual([3, says('L0102')])
  await host.files.writeAtomic(join(directory, 'state.json'), newState, { mode: 0o600 })
  expect((await pki('show')).exitCode).toBe(0)
})

test('what is exported is imported again: the same cluster', async () => {
  await makeState()
  const before = await stateIn()
  const tls = join(site, 'tls')
  expect((await pki('export', ['--to', tls])).exitCode).toBe(0)
  expect((await host.files.stat(tls))?.mode).toBe(0o700)
  expect((await host.files.stat(join(tls, 'etcd/peer-ca.key')))?.mode).toBe(0o600)
  expect(await host.files.readText(join(tls, 'server-ca.crt'))).toBe(before.pki.authorities['server-ca'].crt)
  expect((await pki('export', ['--to', tls])).stderr).toContain('never overwritten')

  const token = join(site, 'token')
  await host.files.writeAtomic(
    token,
    `K10${caHash(before.pki.authorities['server-ca'].crt)}::server:${before.tokens.server}\n`,
  )
  const from = ['--from', tls, '--token-file', token]
  const refused = snapshot()
  const there = await pki('import', from)
  expect([there.exitCode, there.stderr]).toEqual([3, says('L0110')])
  expect(snapshot()).toBe(refused)
  expect((await pki('import', [...from, '--replace'])).exitCode).toBe(0)
  const after = await stateIn()
  expect(after.pki.authorities).toEqual(before.pki.authorities)
  expect(after.tokens).toEqual({ server: before.tokens.server, agent: before.tokens.server })
  expect((await pki('show')).exitCode).toBe(0)
})

test('an export that fails leaves no key behind', async () => {
  await makeState()
  const before = snapshot()
  const tls = join(site, 'tls')
  const failing = createTestHost()
  const { writeAtomic } = failing.files
  const options = {
    profile,
    to: tls,
    state: undefined,
    recipients: [],
    format: 'text' as const,
    terminal: { out: () => undefined, err: () => undefined, colorOut: false, colorErr: false },
    verbose: false,
    strict: false,
    allowLiteralSecrets: false,
  }
  const files = {
    ...failing.files,
    writeAtomic: (...args: Parameters<typeof writeAtomic>) =>
      args[0].endsWith('etcd/peer-ca.key') ? Promise.reject(new Error('no space')) : writeAtomic(...args),
  }
  await expect(exportKeys({ ...failing, files }, options)).rejects.toThrow('no space')
  await failing.close()
  expect(snapshot()).toBe(before)
})

test('an export to what is no recipient of age is refused before anything is opened', async () => {
  await makeState()
  for (const flags of [
    ['--state', join(site, 'copy.age'), '--recipient', 'age1nonsense'],
    ['--to', join(site, 'tls'), '--recipient', 'age1nonsense'],
  ])
    expect((await pki('export', flags)).exitCode).toBe(2)
})

test('a whole state goes out to a recipient of age and comes back into an empty site', async () => {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  await makeState()
  const before = await stateIn()
  await pki('renew', ['--name', 'client/admin'])
  const copy = join(site, 'copy.age')
  expect((await pki('export', ['--state', copy, '--recipient', recipient])).exitCode).toBe(0)
  expect(await host.files.readText(copy)).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/)
  await host.files.remove(directory)
  const lost = snapshot()
  const build = await runInProcess(['build', profile, '--offline', '-o', join(site, 'out')])
  expect([build.exitCode, build.stderr]).toEqual([3, says('L0101')])
  expect(snapshot()).toBe(lost)
  const keys = join(site, 'keys.txt')
  await host.files.writeAtomic(keys, `${identity}\n`, { mode: 0o600 })
  const run = await runInProcess(['pki', 'import', profile, '--state', copy], {
    host: { environment: { APPLIANCE_AGE_IDENTITY_FILE: keys } },
  })
  expect(run.exitCode, run.stderr).toBe(0)
  expect((await stateIn()).pki).toEqual(before.pki)
})

test('the state of another cluster of that name is not put back where the lock knows one', async () => {
  await makeState()
  await pki('renew', ['--name', 'client/admin'])
  const other = join(site, 'other')
  await host.files.remove(directory)
  await makeState('chain', other)
  const before = snapshot()
  const run = await pki('import', ['--state', join(other, 'state.json')])
  expect([run.exitCode, run.stderr]).toEqual([3, says('L0102')])
  expect(snapshot()).toBe(before)
})

const ecPkcs8 = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()

test.each([
  ['a missing file', 'etcd/server-ca.key', () => undefined, 'is missing'],
  [
    'keys of another CA',
    'client-ca.key',
    (document: StateDocument) => document.pki.authorities['server-ca'].key,
    'do not belong together',
  ],
  ['no certificate', 'server-ca.crt', () => 'garbage', 'holds no certificate'],
  ['a leaf for a CA', 'client-ca.crt', (document: StateDocument) => document.clients[0]?.crt, 'no CA'],
  ['an EC service key in PKCS#8', 'service.key', ecPkcs8, 'is an EC key in PKCS#8'],
  [
    'a token of another CA',
    '../token',
    () => `K10${'0'.repeat(64)}::server:secret-of-another\n`,
    'pins another CA',
  ],
])('import refuses %s and changes nothing', async (_, file, content, why) => {
  const source = join(site, 'source')
  await makeState('chain', join(source, 'state'))
  const document = await stateIn(join(source, 'state'))
  await host.files.makeDirectory(join(source, 'tls', 'etcd'))
  for (const name of certificateAuthorities)
    for (const part of ['crt', 'key'] as const)
      await host.files.writeAtomic(
        join(source, 'tls', `${name}.${part}`),
        document.pki.authorities[name][part],
      )
  await host.files.writeAtomic(join(source, 'tls', 'service.key'), document.pki.serviceKey)
  await host.files.writeAtomic(join(source, 'token'), `${document.tokens.server}\n`)
  const text = content(document)
  const path = join(source, 'tls', file)
  if (text === undefined) await host.files.remove(path)
  else await host.files.writeAtomic(path, text)
  const before = snapshot()
  const run = await pki('import', ['--from', join(source, 'tls'), '--token-file', join(source, 'token')])
  expect(run.exitCode).toBe(3)
  expect(run.stderr).toEqual(says('L0109'))
  expect(run.stderr).toContain(why)
  expect(snapshot()).toBe(before)
  expect(run.stderr).not.toContain('PRIVATE KEY')
})

test('an EC service key in SEC1 is taken', async () => {
  await makeState()
  const tls = join(site, 'tls')
  await pki('export', ['--to', tls])
  const sec1 = createPrivateKey(ecPkcs8()).export({ type: 'sec1', format: 'pem' }).toString()
  await host.files.writeAtomic(join(tls, 'service.key'), sec1)
  await host.files.writeAtomic(join(site, 'token'), 'a-password\n')
  const run = await pki('import', ['--from', tls, '--token-file', join(site, 'token'), '--replace'])
  expect(run.exitCode, run.stderr).toBe(0)
  expect((await stateIn()).pki.serviceKey).toBe(sec1)
})
