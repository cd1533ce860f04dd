import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import { redact } from '../../host/redaction.ts'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import type { SecretSource } from '../../plan/build-plan.ts'
import type { SecretReader } from './reader.ts'
import { createSecretReader } from './reader.ts'

const at = 'site.proxy.https'
const value = `proxy-${randomBytes(12).toString('hex')}`

let host: TestHost
let folder: string
let bin: string
let reader: SecretReader

const start = async (environment: Readonly<Record<string, string>> = {}): Promise<void> => {
  await host?.close()
  host = createTestHost({ environment: { HOME: folder, PATH: bin, ...environment } })
  reader = createSecretReader(host, folder)
}

beforeEach(async () => {
  const outer = createTestHost()
  host = outer
  folder = await outer.files.makeTemporaryDirectory('secrets-')
  bin = join(folder, 'bin')
  await outer.files.makeDirectory(bin)
  host = createTestHost({ environment: { HOME: folder, PATH: bin, PROXY_URL: value } })
  reader = createSecretReader(host, folder)
  return () => outer.close()
})
afterEach(() => host.close())

const read = async (source: SecretSource): Promise<string> =>
  new TextDecoder().decode((await reader.read({ at, source })).reveal())

/** The fault of a reading, which names the place and shows no value. */
const faultOf = async (source: SecretSource): Promise<EnvironmentFault> => {
  const fault = await read(source).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(fault instanceof EnvironmentFault)) throw new Error(`no fault: ${String(fault)}`)
  expect(fault.message).toContain(at)
  expect(fault.help).not.toBe('')
  expect(JSON.stringify([fault.message, fault.help, fault.stack])).not.toContain(value)
  return fault
}

const program = (name: string, script: string): Promise<void> =>
  host.files.writeAtomic(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })

const put = (name: string, content: string | Uint8Array): Promise<void> =>
  host.files.writeAtomic(join(folder, name), content, { mode: 0o600 })

describe('env', () => {
  test('is the variable', async () => expect(await read({ env: 'PROXY_URL' })).toBe(value))
  test('not set', async () => {
    const fault = await faultOf({ env: 'NO_SUCH' })
    expect(fault.message).toContain('NO_SUCH is not set')
    expect(fault.help).toContain('export NO_SUCH')
  })
  test('empty', async () => {
    await start({ NOTHING: ' \n' })
    expect((await faultOf({ env: 'NOTHING' })).message).toContain('is empty')
  })
  test('a short one is used, with a warning that does not show it', async () => {
    await start({ PIN: 'ab1' })
    expect(await read({ env: 'PIN' })).toBe('ab1')
    expect(host.lines.join()).toContain(`warn: the secret ${at} has fewer than 6 characters`)
    expect(host.lines.join()).not.toContain('ab1')
  })
})

describe('file', () => {
  test.each([
    ['without an end', value, value],
    ['one newline', `${value}\n`, value],
    ['one newline of two', `${value}\n\n`, `${value}\n`],
    ['of another system', `${value}\r\n`, value],
  ])('%s', async (_, content, wanted) => {
    await put('psk', content)
    expect(await read({ file: './psk' })).toBe(wanted)
  })
  test('below the home', async () => {
    await put('at-home', value)
    expect(await read({ file: '~/at-home' })).toBe(value)
  })
  test.each([
    ['missing', './none', 'there is no file'],
    ['a folder', './bin', 'is a folder'],
  ])('%s', async (_, file, why) => expect((await faultOf({ file })).message).toContain(why))
  test('too large for a secret', async () => {
    await put('image', new Uint8Array(2 * 1024 * 1024))
    expect((await faultOf({ file: './image' })).message).toContain('is no secret')
  })
})

describe('exec', () => {
  test('is what the program prints; arguments pass no shell; the environment is whole', async () => {
    await program('vault', `[ "$2" = '$(x);y z' ] && [ -n "$PROXY_URL" ] && echo "${value}"`)
    expect(await read({ exec: ['vault', 'get', '$(x);y z'] })).toBe(value)
  })
  test('a program beside the profile', async () => {
    await host.files.writeAtomic(join(folder, 'tell'), `#!/bin/sh\npwd\n`, { mode: 0o755 })
    expect(await read({ exec: ['./tell'] })).toBe(folder)
  })
  test('a failure shows stderr, and no value in it', async () => {
    await program('vault', `echo "${value}"; echo "cannot use ${value} here" >&2; exit 3`)
    const fault = await faultOf({ exec: ['vault', 'get'] })
    expect(fault.message).toContain('vault ended with exit code 3; it said: cannot use [redacted] here')
  })
  test('ended by a signal', async () => {
    await program('vault', `echo "${value}"; kill -9 $$`)
    expect((await faultOf({ exec: ['vault'] })).message).toContain('SIGKILL')
  })
  test('not installed', async () =>
    expect((await faultOf({ exec: ['no-such-vault'] })).message).toContain('no-such-vault is not installed'))
})

describe('age', () => {
  const identity = generateX25519Identity()
  const encrypted = async (form: 'binary' | 'armored'): Promise<Uint8Array> => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(await identityToRecipient(await identity))
    const bytes = await encrypter.encrypt(`${value}\n`)
    return form === 'binary' ? bytes : new TextEncoder().encode(armor.encode(bytes))
  }

  test.each(['binary', 'armored'] as const)('%s, with the identity of sops', async (form) => {
    await put('psk.age', await encrypted(form))
    await host.files.makeDirectory(join(folder, '.config/sops/age'))
    await put('.config/sops/age/keys.txt', `# created: today\n# public key: ...\n${await identity}\n`)
    expect(await read({ age: './psk.age' })).toBe(value)
  })
  test.each(['APPLIANCE_AGE_IDENTITY_FILE', 'SOPS_AGE_KEY_FILE'])('identity by %s', async (name) => {
    await put('psk.age', await encrypted('binary'))
    await put('keys', await identity)
    await start({ [name]: join(folder, 'keys') })
    expect(await read({ age: './psk.age' })).toBe(value)
    expect(redact(await identity)).toBe('[redacted]')
  })
  test('no identity', async () => {
    await put('psk.age', await encrypted('binary'))
    const fault = await faultOf({ age: './psk.age' })
    expect(fault.message).toContain('there is no age identity')
    expect(fault.help).toContain('APPLIANCE_AGE_IDENTITY_FILE')
  })
  test('for somebody else', async () => {
    await put('psk.age', await encrypted('binary'))
    await put('keys', await generateX25519Identity())
    await start({ APPLIANCE_AGE_IDENTITY_FILE: join(folder, 'keys') })
    expect((await faultOf({ age: './psk.age' })).message).toContain('encrypted for none of your 1 age')
  })
  test('damaged, or of another kind', async () => {
    await put('keys', await identity)
    await start({ APPLIANCE_AGE_IDENTITY_FILE: join(folder, 'keys') })
    await put('psk.age', (await encrypted('binary')).slice(0, -4))
    expect((await faultOf({ age: './psk.age' })).message).toContain('cannot be decrypted')
    await put('plain.age', value)
    expect((await faultOf({ age: './plain.age' })).message).toContain('is no age file')
  })
})

describe('sops', () => {
  test('is asked for one value', async () => {
    await program('sops', `for word; do echo "$word" >> "${folder}/argv"; done; printf %s "${value}"`)
    expect(await read({ sops: './all.yaml', key: 'site.proxies.0.url' })).toBe(value)
    expect((await host.files.readText(join(folder, 'argv')))?.split('\n')).toEqual([
      'decrypt',
      '--extract',
      '["site"]["proxies"][0]["url"]',
      join(folder, 'all.yaml'),
      '',
    ])
  })
  test('not installed', async () => {
    const fault = await faultOf({ sops: './all.yaml', key: 'a' })
    expect(fault.message).toContain('the program sops is not installed')
    expect(fault.help).toContain('github.com/getsops/sops/releases')
  })
})

test('each source is asked once, and every place is known', async () => {
  await program('vault', `echo x >> "${folder}/count"; echo "${value}"`)
  const source = { exec: ['vault'] }
  await Promise.all(['a', 'b'].map((place) => reader.read({ at: place, source })))
  expect(await host.files.readText(join(folder, 'count'))).toBe('x\n')
  expect([...reader.known().keys()]).toEqual(['a', 'b'])
})

test('a value of the profile itself is taken from its place', async () => {
  const own = createSecretReader(host, folder, new Map([[at, value]]))
  const secret = await own.read({ at, source: { literal: true } })
  expect(new TextDecoder().decode(secret.reveal())).toBe(value)
})
