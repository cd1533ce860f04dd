import { createPrivateKey } from 'node:crypto'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import { keyTypeOf } from './certificate-table.ts'

/** Private keys of a PEM text, in order. */
const blocks = (text: string): readonly string[] =>
  text.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/g) ?? []

const fault = (message: string): EnvironmentFault =>
  new EnvironmentFault(
    message,
    'give an RSA key of 2048 bits or more in PEM, not encrypted, or none: the tool then makes one',
    { code: 'B0819' },
  )

/**
 * A service key that comes from elsewhere, such as an export, in the form that every release of k3s reads (PKCS#1). The first
 * key signs, all verify. No fault shows any of it.
 */
export const readServiceKey = (text: string): string => {
  const keys = blocks(text).map((block) => {
    try {
      return createPrivateKey(block)
    } catch {
      throw fault('the service key is damaged or encrypted')
    }
  })
  if (keys.length === 0) throw fault('the service key is not a private key in PEM')
  for (const key of keys) {
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    if (key.asymmetricKeyType !== 'rsa' || bits < 2048)
      throw fault(`the service key is ${keyTypeOf(key)}, which k3s cannot use`)
  }
  return keys.map((key) => key.export({ type: 'pkcs1', format: 'pem' }).toString()).join('')
}
