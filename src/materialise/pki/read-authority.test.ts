import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Code } from '../../diagnostics/codes.ts'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { Secret } from '../secrets.ts'
import { readAuthority } from './read-authority.ts'
import type { TestCa, TestCaWish } from './testing.ts'
import { ec, makeTestCa, rsa } from './testing.ts'
import { x509 } from './x509.ts'

const now = Date.parse('2026-03-04T05:06:07Z')

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost({ nowMs: now })
  folder = await host.files.makeTemporaryDirectory('authority-')
})
afterEach(() => host.close())

const read = async (
  role: 'root' | 'intermediate',
  certificates: string | Uint8Array,
  key: string,
  epoch = now / 1000,
) => {
  await host.files.writeAtomic(join(folder, 'ca.pem'), certificates)
  const source = {
    kind: 'pem',
    certificates: './ca.pem',
    key: { at: `cluster.pki.${role}.key`, source: { env: 'CA_KEY' } },
  } as const
  const readSecret = async () => new Secret(key)
  return readAuthority(host, { role, source }, { profileDirectory: folder, readSecret, epoch })
}

/** The fault as code and key of the profile, or the warnings. */
const verdict = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return host.lines.join('\n')
  } catch (error) {
    if (!(error instanceof EnvironmentFault)) throw error
    expect(error.help.length).toBeGreaterThan(10)
    return `${error.code} ${[error.at ?? []].flat().join('.')}`
  }
}

const at = (code: Code, place: string): string => `${code} cluster.pki.${place}`

const root = (wish: TestCaWish = {}): Promise<TestCa> => makeTestCa(wish)
const below = (issuer: TestCa, wish: TestCaWish = {}): Promise<TestCa> =>
  makeTestCa({ name: 'Test Intermediate', issuer, ...wish })

describe('an authority that works', () => {
  test.each([
    ['P-256', ec()],
    ['P-384', ec('P-384', 'SHA-384')],
    ['RSA 2048', rsa()],
  ])('a root with %s', async (_, algorithm) => {
    const own = await root({ algorithm })
    const authority = await read('root', own.crt, own.key)
    expect(authority.certificates).toEqual([own.crt])
    expect(authority.key.equals(own.object)).toBe(true)
    expect(host.lines).toEqual([])
    expect(JSON.stringify(authority)).not.toContain(own.key.split('\n')[1])
  })

  test('an intermediate with its chain, comments and attributes between the certificates left out', async () => {
    const top = await root({ pathLength: 3 })
    const middle = await below(top, { pathLength: 2 })
    const own = await below(middle, { name: 'Test Issuing', pathLength: 1 })
    const text = `Bag Attributes\n    friendlyName: x\n${own.crt}# the next\r\n${middle.crt.replaceAll('\n', '\r\n')}${top.crt}`
    const { certificates } = await read('intermediate', text, own.key)
    expect(certificates).toEqual([own.crt, middle.crt, top.crt])
  })

  test.each(['sec1', 'pkcs8'] as const)('an EC key in the form %s', async (type) => {
    const own = await root()
    const pem = own.object.export({ type, format: 'pem' }).toString()
    expect((await read('root', own.crt, pem)).key.equals(own.object)).toBe(true)
  })

  test('an RSA key in the form PKCS#1, and a P-256 key after its parameters', async () => {
    const own = await root({ algorithm: rsa() })
    await read('root', own.crt, own.object.export({ type: 'pkcs1', format: 'pem' }).toString())
    const other = await root()
    const sec1 = other.object.export({ type: 'sec1', format: 'pem' }).toString()
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    await read('root', other.crt, parameters + sec1)
  })
})

describe('an authority that cannot work is told by code and place', () => {
  const rootCases: readonly (readonly [string, string, TestCaWish])[] = [
    ['expired', at('B0806', 'root.cert'), { end: '2026-03-04T05:00:00Z' }],
    ['not valid yet', at('B0807', 'root.cert'), { start: '2026-03-05' }],
    ['not a CA', at('B0808', 'root.cert'), { ca: false }],
    ['may not sign', at('B0808', 'root.cert'), { usages: x509.KeyUsageFlags.digitalSignature }],
    ['pathlen:0', at('B0809', 'root.cert'), { pathLength: 0 }],
    ['pathlen:1, with our intermediate below', at('B0809', 'root.cert'), { pathLength: 1 }],
    ['RSA 1024', at('B0811', 'root.cert'), { algorithm: rsa(1024) }],
    ['signed with SHA-1', at('B0811', 'root.cert'), { algorithm: rsa(2048, 'SHA-1') }],
    [
      'for servers only',
      at('B0814', 'root.cert'),
      { extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth])] },
    ],
    ['without a subject key id', at('B0815', 'root.cert'), { withSubjectKeyId: false }],
    [
      'an authority key id that is not its own',
      at('B0815', 'root.cert'),
      { extensions: [new x509.AuthorityKeyIdentifierExtension('00'.repeat(20))] },
    ],
    [
      'name constraints',
      at('B0816', 'root.cert'),
      { extensions: [new x509.Extension('2.5.29.30', true, Buffer.from('3000', 'hex'))] },
    ],
    [
      'a critical extension unknown to Go',
      at('B0816', 'root.cert'),
      { extensions: [new x509.Extension('1.3.6.1.4.1.99999.1', true, Buffer.from('0500', 'hex'))] },
    ],
    ['ends before what k3s signs', at('B0817', 'root.cert'), { end: '2027-03-03' }],
  ]
  test.each(rootCases)('a root: %s', async (_, expected, wish) => {
    const own = await root(wish)
    expect(await verdict(read('root', own.crt, own.key))).toBe(expected)
  })

  const chainCases: readonly (readonly [string, string, TestCaWish, TestCaWish])[] = [
    ['its root has expired', 'B0806', { end: '2026-01-01' }, {}],
    ['its root allows no CA below the intermediate', 'B0809', { pathLength: 1 }, {}],
    ['pathlen:0', 'B0809', {}, { pathLength: 0 }],
    [
      'its root is for servers only',
      'B0814',
      { extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth])] },
      {},
    ],
    ['without an authority key id', 'B0815', {}, { withAuthorityKeyId: false }],
    ['its root ends too soon', 'B0817', { end: '2026-12-01' }, {}],
  ]
  test.each(chainCases)('an intermediate: %s', async (_, code, above, wish) => {
    const top = await root({ pathLength: 2, ...above })
    const own = await below(top, wish)
    const [found] = (await verdict(read('intermediate', own.crt + top.crt, own.key))).split(' ')
    expect(found).toBe(code)
  })

  test('pathlen 2 for a root and 1 for an intermediate are enough', async () => {
    const top = await root({ pathLength: 2 })
    await read('root', top.crt, top.key)
    const own = await below(top, { pathLength: 1 })
    await read('intermediate', own.crt + top.crt, own.key)
  })

  test('a chain that is incomplete, in the wrong order, or foreign', async () => {
    const top = await root()
    const own = await below(top)
    const stranger = await root({ name: 'Stranger' })
    const twin = await root() // the same name, another key
    const wrong = at('B0812', 'intermediate.cert')
    expect(await verdict(read('intermediate', own.crt, own.key))).toBe(wrong)
    expect(await verdict(read('intermediate', own.crt + stranger.crt, own.key))).toBe(wrong)
    expect(await verdict(read('intermediate', own.crt + twin.crt, own.key))).toBe(wrong)
    expect(await verdict(read('intermediate', own.crt + top.crt + stranger.crt, own.key))).toBe(wrong)
    expect(await verdict(read('root', top.crt + own.crt, top.key))).toBe(at('B0812', 'root.cert'))
    expect(await verdict(read('intermediate', top.crt + own.crt, own.key))).toBe(wrong)
  })

  test('root and intermediate confused', async () => {
    const top = await root()
    const own = await below(top)
    expect(await verdict(read('root', own.crt + top.crt, own.key))).toBe(at('B0813', 'root.cert'))
    expect(await verdict(read('intermediate', top.crt, top.key))).toBe(at('B0813', 'intermediate.cert'))
  })

  test('the key: of another certificate, encrypted, public, a certificate, nothing', async () => {
    const own = await root()
    const other = await root()
    const key = (text: string) => verdict(read('root', own.crt, text))
    expect(await key(other.key)).toBe(at('B0810', 'root.key'))
    const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
    expect(await key(own.object.export(encrypted).toString())).toBe(at('B0803', 'root.key'))
    const legacy = { ...encrypted, type: 'sec1' } as const
    expect(await key(own.object.export(legacy).toString())).toBe(at('B0803', 'root.key'))
    expect(await key(own.crt)).toBe(at('B0802', 'root.key'))
    expect(await key('')).toBe(at('B0802', 'root.key'))
    expect(await key(own.key.slice(0, 60))).toBe(at('B0802', 'root.key'))
  })

  test('the certificate: damaged, of another kind, missing', async () => {
    const own = await root()
    const wrong = at('B0801', 'root.cert')
    expect(await verdict(read('root', own.crt.replace(/\nM/, '\nA'), own.key))).toBe(wrong)
    expect(await verdict(read('root', own.key, own.key))).toBe(wrong)
    expect(await verdict(read('root', new Uint8Array(own.certificate.rawData), own.key))).toBe(wrong)
    const key = { at: 'cluster.pki.root.key', source: { env: 'CA_KEY' } }
    const authority = { role: 'root', source: { kind: 'pem', certificates: './no.pem', key } } as const
    const context = { profileDirectory: folder, readSecret: async () => new Secret(own.key) }
    expect(await verdict(readAuthority(host, authority, context))).toBe(wrong)
    const folderItself = { ...authority, source: { ...authority.source, certificates: '.' } }
    expect(await verdict(readAuthority(host, folderItself, context))).toBe(wrong)
  })

  test('no fault shows any of the key', async () => {
    const own = await root()
    const other = await root()
    for (const text of [other.key, own.key.slice(0, 100), `${own.key.slice(28, 90)}`]) {
      const fault = await read('root', own.crt, text).catch((error: unknown) => error)
      const shown = `${JSON.stringify(fault)} ${String(fault)} ${fault instanceof Error ? fault.stack : ''}`
      expect(shown).not.toContain(text.slice(30, 60))
    }
  })
})

describe('warnings', () => {
  test('less than two years left', async () => {
    const own = await root({ end: '2028-03-03' })
    expect(await verdict(read('root', own.crt, own.key))).toContain(
      `warn: [${'B0818' satisfies Code}] the authority ends on 2028-03-03, in 729 days`,
    )
  })

  test('a start after the lock, which is the earliest a node believes it to be', async () => {
    const own = await root({ start: '2026-03-01' })
    const lock = Date.parse('2026-02-01') / 1000
    expect(await verdict(read('root', own.crt, own.key, lock))).toContain(`warn: [${'B0823' satisfies Code}]`)
    expect((await read('root', own.crt, own.key)).role).toBe('root')
  })
})
