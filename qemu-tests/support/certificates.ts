import { X509Certificate } from 'node:crypto'

export interface NodeCertificate {
  readonly path: string
  readonly notBefore: number
  readonly notAfter: number
}

/** Reads the fact `certificates`; times in seconds since 1970. */
export const parseCertificates = (fact: string): readonly NodeCertificate[] =>
  fact
    .split(/^# /m)
    .slice(1)
    .flatMap((part) => {
      const path = part.slice(0, part.indexOf('\n'))
      const blocks = part.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
      return blocks.map((pem) => {
        const { validFrom, validTo } = new X509Certificate(pem)
        return { path, notBefore: Date.parse(validFrom) / 1000, notAfter: Date.parse(validTo) / 1000 }
      })
    })
