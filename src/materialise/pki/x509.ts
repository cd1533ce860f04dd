/** The one place that loads the certificate library: it needs `reflect-metadata` first, and to be told of WebCrypto. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

export { x509 }

export const subjectKeyId = (certificate: x509.X509Certificate): string | undefined =>
  certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId

/** Undefined also for the form that names the issuer by name and serial number, which neither Go nor k3s reads. */
export const authorityKeyId = (certificate: x509.X509Certificate): string | undefined =>
  certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId
