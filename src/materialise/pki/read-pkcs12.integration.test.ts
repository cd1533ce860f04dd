import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { NodeHost } from '../../host/node-host.ts'
import { createNodeHost } from '../../host/node-host.ts'
import { Secret } from '../secrets.ts'
import { readAuthority } from './read-authority.ts'
import type { TestCa } from './testing.ts'
import { ec, makeTestCa, rsa } from './testing.ts'

let host: NodeHost
let folder: string
beforeEach(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('p12-')
})
afterEach(() => host.close())

const algorithms = { ec: ec(), 'ec-384': ec('P-384', 'SHA-384'), rsa: rsa() } as const

interface Wish {
  readonly algorithm?: keyof typeof algorithms
  readonly password?: string
  /** Certificates beside the own one. */
  readonly chain?: 'none' | 'root' | 'shuffled'
  readonly options?: readonly string[]
}

/** A PKCS#12 file of an intermediate, as openssl makes it. */
const makeP12 = async ({ algorithm = 'ec', password = 'not a word', chain = 'root', options = [] }: Wish) => {
  const root = await makeTestCa({ algorithm: algorithms[algorithm], end: '2060-01-01' })
  const own = await makeTestCa({
    name: 'Own',
    issuer: root,
    algorithm: algorithms[algorithm],
    end: '2060-01-01',
  })
  const stranger = await makeTestCa({ name: 'Stranger' })
  const others = { none: '', root: root.crt, shuffled: stranger.crt + root.crt }[chain]
  const save = async (name: string, text: string): Promise<string> => {
    await host.files.writeAtomic(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const argv = ['openssl', 'pkcs12', '-export', '-in', await save('own.pem', own.crt)]
  argv.push('-inkey', await save('own.key', own.key), '-out', join(folder, 'own.p12'))
  if (others !== '') argv.push('-certfile', await save('others.pem', others))
  const passout = password === '' ? 'pass:' : `file:${await save('password', password)}`
  await host.exec([...argv, '-passout', passout, ...options])
  return { root, own }
}

const read = (password: string | null, role: 'root' | 'intermediate' = 'intermediate') => {
  const secret = { at: `cluster.pki.${role}.password`, source: { env: 'P12' } }
  const source = { kind: 'pkcs12', file: 'own.p12', password: password === null ? null : secret } as const
  const readSecret = async () => new Secret(password ?? '')
  return readAuthority(host, { role, source }, { profileDirectory: folder, readSecret })
}

const expectAuthority = async (password: string | null, own: TestCa, root: TestCa): Promise<void> => {
  const { certificates, key } = await read(password)
  expect(certificates).toEqual([own.crt, root.crt])
  expect(key.equals(own.object)).toBe(true)
}

const faultOf = async (work: Promise<unknown>): Promise<string> => {
  const fault: unknown = await work.catch((error: unknown) => error)
  if (!(fault instanceof EnvironmentFault)) throw fault
  expect(fault.help.length).toBeGreaterThan(10)
  return `${fault.code} ${[fault.at ?? []].flat().join('.')} ${fault.message}`
}

const modern = ['-certpbe', 'AES-256-CBC', '-keypbe', 'AES-256-CBC', '-macalg', 'sha256']
const methods: readonly (readonly [string, readonly string[]])[] = [
  ['PBES2, AES-256, MAC of SHA-256', modern],
  [
    'PBES2, AES-128, MAC of SHA-512',
    ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'sha512'],
  ],
  ['legacy: RC2-40, 3DES, MAC of SHA-1', ['-legacy']],
  ['3DES for both', ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']],
  ['RC2-128 for certificates', ['-legacy', '-certpbe', 'PBE-SHA1-RC2-128']],
  ['certificates in the clear', ['-certpbe', 'NONE']],
  ['without a MAC', ['-nomac']],
]

for (const algorithm of ['ec', 'rsa'] as const) {
  test.each(methods)(`${algorithm}: %s`, async (_, options) => {
    const { root, own } = await makeP12({ algorithm, options })
    await expectAuthority('not a word', own, root)
  })
}

test('P-384; other certificates in the file and their order do not matter', async () => {
  const { root, own } = await makeP12({ algorithm: 'ec-384', chain: 'shuffled' })
  await expectAuthority('not a word', own, root)
})

test.each([{ options: modern }, { options: ['-legacy'] }])(
  'a password of other letters than ASCII: $options',
  async ({ options }) => {
    const { root, own } = await makeP12({ password: 'Grüße ✓', options })
    await expectAuthority('Grüße ✓', own, root)
  },
)

test.each([{ options: modern }, { options: ['-legacy'] }])(
  'an empty password, which need not be named: $options',
  async ({ options }) => {
    const { root, own } = await makeP12({ password: '', options })
    await expectAuthority('', own, root)
    await expectAuthority(null, own, root)
  },
)

test('key and certificates in the clear', async () => {
  const { root, own } = await makeP12({ options: ['-certpbe', 'NONE', '-keypbe', 'NONE'] })
  await expectAuthority('not a word', own, root)
})

test('a root alone', async () => {
  const { own } = await makeP12({ chain: 'none' })
  expect(await faultOf(read('not a word', 'root'))).toMatch(/^B0813 cluster\.pki\.root\.p12/)
  const top = await makeTestCa({ end: '2060-01-01' })
  await host.files.writeAtomic(join(folder, 'own.pem'), top.crt)
  await host.files.writeAtomic(join(folder, 'own.key'), top.key, { mode: 0o600 })
  const files = ['-in', join(folder, 'own.pem'), '-inkey', join(folder, 'own.key')]
  const output = ['-out', join(folder, 'own.p12'), '-passout', 'pass:x']
  await host.exec(['openssl', 'pkcs12', '-export', ...files, ...output])
  expect((await read('x', 'root')).certificates).toEqual([top.crt])
  expect(own.crt).not.toBe(top.crt)
})

test('without the root in it, the chain is incomplete', async () => {
  await makeP12({ chain: 'none' })
  expect(await faultOf(read('not a word'))).toMatch(/^B0812 cluster\.pki\.intermediate\.p12/)
})

test.each([
  ['modern', modern],
  ['legacy', ['-legacy']],
  ['without a MAC', ['-nomac']],
])('a wrong password, and none: %s', async (_, options) => {
  await makeP12({ options })
  const at = /^B0805 cluster\.pki\.intermediate\.password .*does not open with this password$/
  expect(await faultOf(read('wrong'))).toMatch(at)
  expect(await faultOf(read('not a word\n'))).toMatch(at)
  expect(await faultOf(read(null))).toMatch(/^B0805 cluster\.pki\.intermediate\.p12 .*needs a password$/)
})

test('what is not a whole PKCS#12 file with one key', async () => {
  const { own } = await makeP12({})
  const path = join(folder, 'own.p12')
  const whole = (await host.files.readBytes(path)) ?? new Uint8Array()
  const unreadable = /^B0804 cluster\.pki\.intermediate\.p12 /
  for (const bytes of [whole.slice(0, 500), new Uint8Array(), own.crt, whole.slice(5), 'x'.repeat(2000)]) {
    await host.files.writeAtomic(path, bytes)
    expect(await faultOf(read('not a word'))).toMatch(unreadable)
  }
  await host.files.remove(path)
  expect(await faultOf(read('not a word'))).toMatch(/there is no file/)
  const files = ['-in', join(folder, 'own.pem'), '-nokeys', '-out', path, '-passout', 'pass:x']
  await host.exec(['openssl', 'pkcs12', '-export', ...files])
  expect(await faultOf(read('x'))).toMatch(/holds 0 private keys instead of one$/)
})

test('a changed byte anywhere never gives another authority', async () => {
  const { root, own } = await makeP12({ options: modern })
  const path = join(folder, 'own.p12')
  const whole = (await host.files.readBytes(path)) ?? new Uint8Array()
  for (let position = 0; position < whole.length; position += 37) {
    const changed = Uint8Array.from(whole)
    changed[position] = (changed[position] ?? 0) ^ 0x41
    await host.files.writeAtomic(path, changed)
    const result = await read('not a word').catch((error: unknown) => error)
    if (result instanceof EnvironmentFault) expect(['B0804', 'B0805']).toContain(result.code)
    else expect(result).toMatchObject({ certificates: [own.crt, root.crt] })
  }
})
