import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import { makeServiceKey } from './keys.ts'
import { readServiceKey } from './service-key.ts'

const faultOf = (text: string): EnvironmentFault => {
  try {
    readServiceKey(text)
  } catch (error) {
    if (error instanceof EnvironmentFault) return error
  }
  throw new Error('no fault')
}

test('RSA in PKCS#1 or PKCS#8, one or several, becomes PKCS#1', async () => {
  const [own, old] = [await makeServiceKey(), await makeServiceKey()]
  expect(readServiceKey(own + old)).toBe(own + old)
  const pkcs8 = createPrivateKey(own).export({ type: 'pkcs8', format: 'pem' }).toString()
  expect(readServiceKey(`# mine\n${pkcs8}`)).toBe(own)
})

test('EC, Ed25519, short RSA, encrypted and other texts are refused without showing them', () => {
  const pem = { type: 'pkcs8', format: 'pem' } as const
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const cases = [
    [ec.export(pem), 'EC P-256'],
    [ec.export({ type: 'sec1', format: 'pem' }), 'EC P-256'],
    [generateKeyPairSync('ed25519').privateKey.export(pem), 'ED25519'],
    [generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pem), 'RSA 1024'],
    [ec.export({ ...pem, cipher: 'aes-128-cbc', passphrase: 'x' }), 'encrypted'],
    ['', 'not a private key'],
  ] as const
  for (const [key, why] of cases) {
    const fault = faultOf(key.toString())
    expect(fault.code).toBe('B0819')
    expect(fault.message).toContain(why)
    expect(`${fault.message} ${fault.help}`).not.toContain(key.toString().split('\n')[1] || 'PRIVATE KEY')
  }
})
