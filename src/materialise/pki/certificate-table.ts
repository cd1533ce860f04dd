import type { KeyObject, X509Certificate } from 'node:crypto'
import { dayMs } from '../../host/day.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import type { ClusterPki } from './cluster-pki.ts'
import type { CertificateAndKey, ClientIdentity } from './issue.ts'
import { readCertificates } from './pem.ts'

/** One certificate of a cluster, for people and for `--format json`. */
export interface CertificateRow {
  /** `root`, `intermediate`, `server-ca`, `etcd/peer-ca`, `client/appliance-admin`. */
  readonly name: string
  readonly subject: string
  readonly issuer: string
  /** ISO 8601, UTC. */
  readonly notBefore: string
  readonly notAfter: string
  /** Whole days from now to the end; negative when it is past. */
  readonly daysLeft: number
  /** `EC P-256`, `RSA 2048`. */
  readonly keyType: string
}

const curveNames: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

export const keyTypeOf = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string => {
  const { namedCurve, modulusLength } = asymmetricKeyDetails ?? {}
  if (namedCurve !== undefined) return `EC ${curveNames[namedCurve] ?? namedCurve}`
  const kind = (asymmetricKeyType ?? 'unknown').toUpperCase()
  return modulusLength === undefined ? kind : `${kind} ${modulusLength}`
}

/** A name on one line. */
export const nameText = (name: string): string => name.replaceAll('\n', ', ')

const rowOf = (name: string, certificate: X509Certificate, nowMs: number): CertificateRow => {
  const [start, end] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  return {
    name,
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    notBefore: new Date(start).toISOString(),
    notAfter: new Date(end).toISOString(),
    daysLeft: Math.floor((end - nowMs) / dayMs),
    keyType: keyTypeOf(certificate.publicKey),
  }
}

/** Every certificate that a state holds: from the root down, then those of users. Without any key. */
export const certificateTable = (
  { root, intermediate, authorities }: ClusterPki,
  clients: readonly (ClientIdentity & CertificateAndKey)[],
  nowMs: number,
): readonly CertificateRow[] => {
  const all = (name: string, text: string | undefined): readonly CertificateRow[] =>
    readCertificates(text ?? '').map((certificate, index) =>
      rowOf(index === 0 ? name : `${name} ${index + 1}`, certificate, nowMs),
    )
  const first = (name: string, text: string): readonly CertificateRow[] => all(name, text).slice(0, 1)
  return [
    ...all('root', root?.crt),
    ...all('intermediate', intermediate?.crt),
    ...certificateAuthorities.flatMap((name) => first(name, authorities[name].crt)),
    ...clients.flatMap(({ user, crt }) => first(`client/${user}`, crt)),
  ]
}
