import type { KeyObject, X509Certificate } from 'node:crypto'
import type { Code } from '../../diagnostics/codes.ts'
import { dayMs } from '../../host/day.ts'
import type { AuthorityPart } from './authority-fault.ts'
import { keyTypeOf, nameText } from './certificate-table.ts'
import { signingAlgorithm } from './keys.ts'
import type { SigningAuthority } from './signing-authority.ts'
import { authorityKeyId, subjectKeyId, x509 } from './x509.ts'

/** What is wrong with an authority, or will be soon (`warning`). */
export interface AuthorityProblem {
  readonly code: Code
  readonly severity: 'error' | 'warning'
  readonly part: AuthorityPart
  readonly message: string
  readonly help: string
}

/** An authority as it was read, its own certificate first. */
export interface ReadAuthority {
  readonly role: SigningAuthority['role']
  readonly certificates: readonly X509Certificate[]
  readonly key: KeyObject
}

export interface Times {
  /** Milliseconds since 1970. */
  readonly nowMs: number
  /** The clock floor of every node, seconds since 1970. */
  readonly floorSeconds: number
}

/** k3s signs its own certificates for this long (dynamiclistener, CertificatesExpiration). */
const leafDays = 365
const shortDays = 2 * 365

/** TLS of Go refuses a chain with a longer one (crypto/tls, maxRSAKeySize). */
const longestRsaBits = 8192
const shortestRsaBits = 2048

/** Extensions that Go checks or passes over when they are critical (crypto/x509, parseCertificate). */
const knownCritical = new Set([15, 17, 19, 30, 31, 32, 35, 37, 14].map((arc) => `2.5.29.${arc}`))
const nameConstraints = '2.5.29.30'

type Found = Omit<AuthorityProblem, 'severity' | 'part'>
/** A certificate of the chain: as Node and as the library have it, and how many CAs stand below it. */
interface Link {
  readonly certificate: X509Certificate
  readonly details: x509.X509Certificate
  readonly name: string
  readonly casBelow: number
}

const dateText = (date: string): string => new Date(date).toISOString().slice(0, 10)

const checkCa = ({ details, name }: Link): Found | undefined => {
  const constraints = details.getExtension(x509.BasicConstraintsExtension)
  const usage = details.getExtension(x509.KeyUsagesExtension)
  const help =
    'use the certificate of a CA, made with `basicConstraints=critical,CA:TRUE` and `keyUsage=keyCertSign`'
  if (constraints?.ca !== true) return { code: 'B0808', message: `${name} is not a CA`, help }
  return usage !== null && (usage.usages & x509.KeyUsageFlags.keyCertSign) === 0
    ? { code: 'B0808', message: `${name} may not sign certificates (its keyUsage lacks keyCertSign)`, help }
    : undefined
}

const checkExtendedUsage = ({ details, name }: Link): Found | undefined =>
  details.getExtension(x509.ExtendedKeyUsageExtension) === null
    ? undefined
    : {
        code: 'B0814',
        message: `${name} has an extended key usage, which Go applies to all below it`,
        help: 'use a CA without extendedKeyUsage',
      }

const checkStrength = ({ certificate, details, name }: Link): Found | undefined => {
  const help =
    'use an authority with an EC key (P-256, P-384) or RSA 2048 to 8192, signed with SHA-256 or better'
  const key = certificate.publicKey
  const bits = key.asymmetricKeyDetails?.modulusLength ?? shortestRsaBits
  if (signingAlgorithm(key) === undefined || bits < shortestRsaBits || bits > longestRsaBits)
    return { code: 'B0811', message: `the key of ${name} is ${keyTypeOf(key)}, which k3s cannot use`, help }
  // The library's type builds on one of the DOM's, which this program is compiled without.
  const algorithm = details.signatureAlgorithm as {
    readonly name: string
    readonly hash?: { readonly name: string }
  }
  const { name: scheme, hash } = algorithm
  return /^(ECDSA|RSASSA-PKCS1-v1_5|RSA-PSS)$/.test(scheme) && /^SHA-(256|384|512)$/.test(hash?.name ?? '')
    ? undefined
    : { code: 'B0811', message: `${name} is signed with ${hash?.name ?? 'MD5 or an unknown method'}`, help }
}

const checkValidity = ({ certificate, name }: Link, { nowMs }: Times): Found | undefined => {
  if (Date.parse(certificate.validTo) <= nowMs)
    return {
      code: 'B0806',
      message: `${name} has expired (${dateText(certificate.validTo)})`,
      help: 'renew it, or set the clock of this machine if that is wrong',
    }
  return Date.parse(certificate.validFrom) > nowMs
    ? {
        code: 'B0807',
        message: `${name} is not valid before ${dateText(certificate.validFrom)}`,
        help: 'use one that has started, or set the clock of this machine if that is wrong',
      }
    : undefined
}

const checkPathLength = ({ details, name, casBelow }: Link): Found | undefined => {
  const length = details.getExtension(x509.BasicConstraintsExtension)?.pathLength
  return length !== undefined && length < casBelow
    ? {
        code: 'B0809',
        message: `${name} allows ${length} CAs below it (pathlen:${length}); the cluster needs ${casBelow}`,
        help: 'use an authority without pathlen or with a larger one',
      }
    : undefined
}

const checkKeyIds = ({ certificate, details, name }: Link): Found | undefined => {
  const [own, above] = [subjectKeyId(details), authorityKeyId(details)]
  const help = 'make it with `subjectKeyIdentifier=hash` and, but for a root, `authorityKeyIdentifier=keyid`'
  if (own === undefined) return { code: 'B0815', message: `${name} has no subject key identifier`, help }
  const isRoot = certificate.subject === certificate.issuer
  if (isRoot ? above === undefined || above === own : above !== undefined && above !== own) return undefined
  return { code: 'B0815', message: `the authority key identifier of ${name} is missing or wrong`, help }
}

const checkExtensions = ({ details, name }: Link): Found | undefined => {
  const bad = details.extensions.find(
    ({ type, critical }) => type === nameConstraints || (critical && !knownCritical.has(type)),
  )
  if (bad === undefined) return undefined
  const what = bad.type === nameConstraints ? 'name constraints' : `a critical extension (${bad.type})`
  return { code: 'B0816', message: `${name} has ${what}`, help: 'use an authority without it' }
}

const checkOrder = ({ role, certificates }: ReadAuthority, links: readonly Link[]): Found | undefined => {
  const isSelfSigned = (certificate: X509Certificate): boolean =>
    certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey)
  const [own] = certificates
  const help =
    'write the authority first, each next one its issuer, the root last: `cat int.pem root.pem > chain.pem`'
  if (role === 'intermediate' && own !== undefined && certificates.length > 1 && isSelfSigned(own))
    return { code: 'B0812', message: `the root ${links[0]?.name} stands first`, help }
  if (own !== undefined && isSelfSigned(own) !== (role === 'root')) {
    const is = role === 'root' ? 'an intermediate, signed by another key' : 'a root, signed by its own key'
    const other = role === 'root' ? 'intermediate' : 'root'
    return {
      code: 'B0813',
      message: `${links[0]?.name} is ${is}`,
      help: `name it under \`cluster.pki.${other}\``,
    }
  }
  for (const [index, certificate] of certificates.entries()) {
    const next = certificates[index + 1]
    const name = links[index]?.name ?? ''
    if (next === undefined) {
      if (isSelfSigned(certificate)) continue
      const issuer = nameText(certificate.issuer)
      return {
        code: 'B0812',
        message: `${name} is the last certificate; its issuer ${issuer} is missing`,
        help,
      }
    }
    if (isSelfSigned(certificate) || !certificate.checkIssued(next) || !certificate.verify(next.publicKey))
      return {
        code: 'B0812',
        message: `${links[index + 1]?.name} follows ${name}, but did not sign it`,
        help,
      }
  }
  return undefined
}

const checkEnd = ({ certificates }: ReadAuthority, { nowMs }: Times): AuthorityProblem | undefined => {
  const end = Math.min(...certificates.map(({ validTo }) => Date.parse(validTo)))
  const days = Math.floor((end - nowMs) / dayMs)
  const date = new Date(end).toISOString().slice(0, 10)
  const help = 'renew it before you build, for as long as the nodes shall run'
  if (days < leafDays) {
    const message = `the authority ends on ${date}, in ${days} days; certificates of k3s are made for ${leafDays}`
    return { code: 'B0817', severity: 'error', part: 'cert', message, help }
  }
  const message = `the authority ends on ${date}, in ${days} days, and all CAs of the cluster with it`
  return days < shortDays ? { code: 'B0818', severity: 'warning', part: 'cert', message, help } : undefined
}

const checkStart = (
  { certificates }: ReadAuthority,
  { floorSeconds }: Times,
): AuthorityProblem | undefined => {
  const start = Math.max(...certificates.map(({ validFrom }) => Date.parse(validFrom)))
  return start > floorSeconds * 1000
    ? {
        code: 'B0823',
        severity: 'warning',
        part: 'cert',
        message: `the authority starts on ${new Date(start).toISOString()}, after the lock was made: a node that does not know the time refuses it`,
        help: 'run `appliance lock` on the profile anew',
      }
    : undefined
}

/** Everything that is wrong, what explains most first. Pure: the files have been read. */
export const checkAuthority = (authority: ReadAuthority, times: Times): readonly AuthorityProblem[] => {
  const { role, certificates, key } = authority
  const links = certificates.map((certificate, index) => ({
    certificate,
    details: new x509.X509Certificate(certificate.raw),
    name: `\`${nameText(certificate.subject)}\``,
    casBelow: role === 'root' ? 2 : index + 1,
  }))
  const found = [
    ...links.map((link) => checkCa(link)),
    checkOrder(authority, links),
    ...links.flatMap((link) => [
      checkValidity(link, times),
      checkStrength(link),
      checkExtendedUsage(link),
      checkPathLength(link),
      checkKeyIds(link),
      checkExtensions(link),
    ]),
  ].flatMap((problem) =>
    problem === undefined ? [] : [{ ...problem, severity: 'error', part: 'cert' } as const],
  )
  const own = certificates[0]
  const mismatch: AuthorityProblem = {
    code: 'B0810',
    severity: 'error',
    part: 'key',
    message: `the key is not that of ${links[0]?.name}`,
    help: 'name the key that belongs to the first certificate',
  }
  const isMatch = own?.checkPrivateKey(key) === true
  return [
    ...found,
    ...(isMatch ? [] : [mismatch]),
    ...[checkEnd(authority, times), checkStart(authority, times)].flatMap((problem) => problem ?? []),
  ]
}
