import type { X509Certificate } from 'node:crypto'
import { createPrivateKey } from 'node:crypto'
import { readCertificates } from '../pki/pem.ts'

/** Certificates in a file that the profile names for its datastore; a text says why there are none. */
export const datastoreCertificatesIn = (bytes: Uint8Array): readonly X509Certificate[] | string => {
  const text = new TextDecoder().decode(bytes)
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    return 'holds a private key, and would be put on the nodes for everybody to read'
  try {
    const certificates = readCertificates(text)
    return certificates.length > 0 ? certificates : 'holds no certificate in PEM'
  } catch {
    return 'holds a damaged certificate'
  }
}

/** Why a key cannot be used beside this client certificate; undefined when it can. The key is never shown. */
export const clientKeyFault = (certificate: X509Certificate, key: Uint8Array): string | undefined => {
  const text = new TextDecoder().decode(key)
  if (/^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(text))
    return 'is encrypted with a passphrase, which nobody could enter on a node'
  try {
    return certificate.checkPrivateKey(createPrivateKey(text)) ? undefined : 'is not that of `cert`'
  } catch {
    return 'is not a private key in PEM'
  }
}
