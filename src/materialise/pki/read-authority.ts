import type { KeyObject } from 'node:crypto'
import { createPrivateKey } from 'node:crypto'
import { isAbsolute, join } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { AuthoritySource, PkiPlan } from '../../plan/build-plan.ts'
import type { ReadSecret, Secret } from '../secrets.ts'
import type { AuthorityFault } from './authority-fault.ts'
import { authorityFaults } from './authority-fault.ts'
import type { ReadAuthority } from './check-authority.ts'
import { checkAuthority } from './check-authority.ts'
import { certificatePem, readCertificates } from './pem.ts'
import type { SigningAuthority } from './signing-authority.ts'

export interface AuthorityContext {
  /** Paths in the profile are relative to it. */
  readonly profileDirectory: string
  readonly readSecret: ReadSecret
  /** Seconds since 1970: the plan's epoch, where the clock of a node starts at the earliest; undefined where there is no plan. */
  readonly epoch?: number | undefined
}

type AuthorityHost = Pick<Host, 'files' | 'now' | 'report'>

/**
 * Reads and checks a root or intermediate of the user's own. Each way in which it cannot work is a fault with a code, the
 * line of the profile and a next step; nothing has been written when it is thrown. Warnings go to the reporter.
 */
export const readAuthority = async (
  host: AuthorityHost,
  { role, source }: NonNullable<PkiPlan['authority']>,
  context: AuthorityContext,
): Promise<SigningAuthority> => {
  const fault = authorityFaults(role)
  const material =
    source.kind === 'pem'
      ? await readPem(host, source, context, fault)
      : await readP12(host, source, context, fault)
  const times = { nowMs: host.now(), floorSeconds: context.epoch ?? Math.floor(host.now() / 1000) }
  const problems = checkAuthority({ role, ...material }, times)
  const error = problems.find(({ severity }) => severity === 'error')
  if (error !== undefined) {
    const { code, part, message, help } = error
    throw fault(code, source.kind === 'pem' ? part : 'p12', message, help)
  }
  for (const { code, message, help } of problems) host.report.warn(`[${code}] ${message}; ${help}`)
  return {
    role,
    certificates: material.certificates.map(({ raw }) => certificatePem(raw)),
    key: material.key,
  }
}

type Material = Pick<ReadAuthority, 'certificates' | 'key'>

/** Paths in the profile are relative to it. */
export const authorityPath = (profileDirectory: string, path: string): string =>
  isAbsolute(path) ? path : join(profileDirectory, path)

const readFile = async (host: AuthorityHost, path: string): Promise<Uint8Array | string> => {
  try {
    return (await host.files.readBytes(path)) ?? `there is no file ${path}`
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    return `${path} cannot be read (${why})`
  }
}

const textOf = (secret: Secret): string => new TextDecoder().decode(secret.reveal())

const readPem = async (
  host: AuthorityHost,
  source: Extract<AuthoritySource, { kind: 'pem' }>,
  context: AuthorityContext,
  fault: AuthorityFault,
): Promise<Material> => {
  const path = authorityPath(context.profileDirectory, source.certificates)
  const bytes = await readFile(host, path)
  if (typeof bytes === 'string')
    throw fault('B0801', 'cert', bytes, 'correct the path; it is relative to the profile')
  const certificates = pemCertificates(new TextDecoder().decode(bytes), path, fault)
  const text = textOf(await context.readSecret(source.key))
  return { certificates, key: pemKey(text, fault) }
}

const pemCertificates = (
  text: string,
  path: string,
  fault: AuthorityFault,
): ReadAuthority['certificates'] => {
  const help = 'give a PEM file with blocks `-----BEGIN CERTIFICATE-----`'
  try {
    const certificates = readCertificates(text)
    if (certificates.length > 0) return certificates
  } catch {
    throw fault('B0801', 'cert', `a certificate in ${path} is damaged`, help)
  }
  throw fault('B0801', 'cert', `${path} holds no certificate in PEM`, help)
}

/** The text is a secret: no fault shows any of it. */
const pemKey = (text: string, fault: AuthorityFault): KeyObject => {
  if (/^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(text)) {
    throw fault(
      'B0803',
      'key',
      'the key is encrypted with a passphrase',
      'put certificate and key into a PKCS#12 file and name it by `p12` and `password`, or encrypt the key with age or sops',
    )
  }
  try {
    return createPrivateKey(text)
  } catch {
    throw fault(
      'B0802',
      'key',
      /-----BEGIN CERTIFICATE-----|-----BEGIN PUBLIC KEY-----/.test(text)
        ? 'the key is a certificate or a public key, not a private key'
        : 'the key is not a private key in PEM',
      'give a PEM text with `EC PRIVATE KEY`, `RSA PRIVATE KEY` or `PRIVATE KEY`',
    )
  }
}

const readP12 = async (
  host: AuthorityHost,
  source: Extract<AuthoritySource, { kind: 'pkcs12' }>,
  context: AuthorityContext,
  fault: AuthorityFault,
): Promise<Material> => {
  const path = authorityPath(context.profileDirectory, source.file)
  const bytes = await readFile(host, path)
  const help =
    'see what is in it with `openssl pkcs12 -info -noout -in FILE`; make it anew with `openssl pkcs12 -export`'
  if (typeof bytes === 'string')
    throw fault('B0804', 'p12', bytes, 'correct the path; it is relative to the profile')
  const password = source.password === null ? null : textOf(await context.readSecret(source.password))
  // Loaded by the first PKCS#12 file: most profiles have none.
  const { readPkcs12 } = await import('./read-pkcs12.ts')
  const result = readPkcs12(bytes, password)
  if (result.kind === 'unreadable') throw fault('B0804', 'p12', `${path} cannot be read: ${result.why}`, help)
  if (result.kind === 'password') {
    const part = source.password === null ? 'p12' : 'password'
    const message = source.password === null ? 'needs a password' : 'does not open with this password'
    throw fault(
      'B0805',
      part,
      `${path} ${message}`,
      'give the password that the file was made with by `password`',
    )
  }
  const { certificates, keys } = result.content
  const [key] = keys
  if (key === undefined || keys.length > 1)
    throw fault('B0804', 'p12', `${path} holds ${keys.length} private keys instead of one`, help)
  if (certificates.length === 0) throw fault('B0804', 'p12', `${path} holds no certificate`, help)
  return { certificates: inOrder(certificates, key), key }
}

/** The certificate of the key first, then each one's issuer; others in the file have nothing to do with it. */
const inOrder = (found: Material['certificates'], key: KeyObject): Material['certificates'] => {
  const first = found.find((certificate) => certificate.checkPrivateKey(key))
  if (first === undefined) return found
  const chain = [first]
  for (const _ of found) {
    const at = chain.at(-1) ?? first
    const issuer = found.find(
      (other) => !chain.includes(other) && at.checkIssued(other) && at.verify(other.publicKey),
    )
    if (issuer === undefined) break
    chain.push(issuer)
  }
  return chain
}
