import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EnvironmentFault } from '../diagnostics/fault.ts'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import { makeTestCa } from '../materialise/pki/testing.ts'
import { Secret } from '../materialise/secrets.ts'
import type { ResolvedDatastore } from '../resolve/resolved-profile.ts'
import { checkDatastoreFiles, checkDatastoreLogin } from './datastore-check.ts'
import { loadProfile } from './load-profile.ts'
import { oneServer, pinnedProfile } from './testing/pinned-profile.ts'
import { runInProcess } from './testing/run-program.ts'

let host: TestHost
let site: string
beforeEach(async () => {
  host = createTestHost({ nowMs: Date.parse('2026-03-04T05:06:07Z') })
  site = await host.files.makeTemporaryDirectory('site-')
})
afterEach(() => host.close())

const external = (more = ''): string =>
  oneServer('  state: { encryption: none }').replace(
    'k3s: { version: v1.33.1+k3s1 }',
    `k3s: { version: v1.33.1+k3s1, datastore: { kind: external, endpoint: { env: DATASTORE }${more} } }`,
  )

test('an endpoint that k3s cannot use ends the build at its line, before a cluster is made, unseen', async () => {
  const profile = await pinnedProfile(host, site, external())
  const { exitCode, stdout, stderr } = await runInProcess(['build', profile, '--format', 'json'], {
    environment: { DATASTORE: 'postgres://kine:hunter2/x@db.example.com/kine' },
  })
  expect(exitCode).toBe(3)
  expect(JSON.parse(stdout).fault).toMatchObject({
    code: 'B1220',
    place: expect.stringMatching(/lab\.yaml:4:\d+$/),
  })
  expect(stdout + stderr).not.toMatch(/hunter2|db\.example/)
  expect(await host.files.stat(join(site, '.appliance', 'lab', 'state.json'))).toBeUndefined()
})

test('an endpoint without protection is told, and the build goes on', async () => {
  const lines: string[] = []
  const profile = await pinnedProfile(host, site, external())
  const { stdout } = await runInProcess(['build', profile, '--format', 'json'], {
    environment: { DATASTORE: 'mysql://kine:hunter2@tcp(db.example.com)/kine' },
    createHost: () => {
      const own = createTestHost({
        environment: { DATASTORE: 'mysql://kine:hunter2@tcp(db.example.com)/kine' },
      })
      return { ...own, report: { ...own.report, warn: (text: string) => lines.push(text) } }
    },
  })
  const told = lines.filter((line) => line.slice(1, 6) === 'B1221')
  expect(told).toEqual([expect.stringContaining('not encrypted')])
  // The inputs of the lock are nowhere: that is where it ends.
  expect(stdout).not.toContain('B1220')
})

const faultsOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  for (const [name, text] of Object.entries(files)) await host.files.writeAtomic(join(site, name), text)
  const path = join(site, 'lab.yaml')
  await host.files.writeAtomic(path, external(', ca: ./ca.crt, cert: ./client.crt, key: { env: KEY }'))
  const [loaded] = await loadProfile(host, path)
  if (loaded === undefined) throw new Error('no profile')
  const faults = await checkDatastoreFiles(host, path, loaded.checked)
  return faults.map(({ code, severity, message }) => `${code} ${severity}: ${message}`)
}

test('files that are no certificates are told when they are pinned', async () => {
  const ca = await makeTestCa()
  const ended = await makeTestCa({ start: '2020-01-01', end: '2026-01-01' })
  expect(await faultsOf({ 'ca.crt': ca.crt, 'client.crt': ca.crt })).toEqual([])
  expect(await faultsOf({ 'ca.crt': 'DER', 'client.crt': `${ca.crt}${ca.key}` })).toEqual([
    'B1222 error: ./ca.crt holds no certificate in PEM',
    'B1222 error: ./client.crt holds a private key, and would be put on the nodes for everybody to read',
  ])
  expect(await faultsOf({ 'ca.crt': ca.crt, 'client.crt': ended.crt })).toEqual([
    'B1222 warning: a certificate in ./client.crt ends or has ended: 2026-01-01',
  ])
})

test('lock stops at such a file, with its line', async () => {
  const path = join(site, 'lab.yaml')
  await host.files.writeAtomic(path, external(', ca: ./ca.crt'))
  await host.files.writeAtomic(join(site, 'ca.crt'), 'DER')
  const { exitCode, stdout } = await runInProcess(['lock', path, '--format', 'json'])
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout).diagnostics).toEqual([
    expect.objectContaining({ code: 'B1222', severity: 'error' }),
  ])
})

test('the key must be that of the certificate, and readable on a node', async () => {
  const client = await makeTestCa({ name: 'kine' })
  const path = join(site, 'client.crt')
  await host.files.writeAtomic(path, client.crt)
  const secret = (name: string) => ({ at: `cluster.k3s.datastore.${name}`, source: { env: 'X' } })
  const datastore: ResolvedDatastore = {
    kind: 'external',
    endpoint: secret('endpoint'),
    ca: null,
    client: {
      certificate: { name: './client.crt', sha256: '0'.repeat(64), sizeBytes: 1 },
      key: secret('key'),
    },
  }
  const faultWith = (key: string): Promise<EnvironmentFault | undefined> =>
    checkDatastoreLogin(host, datastore, { path: async () => path }, async () => new Secret(key)).then(
      () => undefined,
      (fault: EnvironmentFault) => fault,
    )
  expect(await faultWith(client.key)).toBeUndefined()
  const other = await faultWith((await makeTestCa()).key)
  expect(other).toMatchObject({ code: 'B1222', message: 'the key of the datastore is not that of `cert`' })
  const locked = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----'
  expect((await faultWith(locked))?.message).toContain('passphrase')
  expect((await faultWith('hunter2'))?.message).toBe('the key of the datastore is not a private key in PEM')
})
