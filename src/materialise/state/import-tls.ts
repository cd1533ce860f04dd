import type { KeyObject } from 'node:crypto'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { CertificateAuthority } from '../../plan/build-plan.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { caHash } from '../pki/ca-hash.ts'
import type { ClusterPki } from '../pki/cluster-pki.ts'
import type { CertificateAndKey } from '../pki/issue.ts'
import { splitCertificates } from '../pki/pem.ts'
import { isPassword } from './state-file.ts'

/** Why a folder or a file is not what a k3s server has. Shows nothing of a key. */
const unusable = (path: string, why: string, help: string): EnvironmentFault =>
  new EnvironmentFault(`${path} ${why}`, help, { code: 'L0109' })

const treeHelp =
  'name the folder `server/tls` of the first server, whole: /var/lib/rancher/k3s/server/tls on the machine that runs'

const readText = async (host: Host, path: string): Promise<string> => {
  const text = await host.files.readText(path).catch(() => undefined)
  if (text !== undefined && text.trim() !== '') return text
  throw unusable(path, 'is missing, empty or cannot be read', treeHelp)
}

const keyOf = (path: string, pem: string): KeyObject => {
  try {
    return createPrivateKey(pem)
  } catch {
    throw unusable(
      path,
      'holds no private key that can be read',
      'take the file as k3s has it: PEM, without a passphrase',
    )
  }
}

const certificateOf = (path: string, pem: string): X509Certificate => {
  try {
    return new X509Certificate(pem)
  } catch {
    throw unusable(path, 'holds no certificate', treeHelp)
  }
}

/** The bytes stay as they are: nodes that run compare the hash of just these. */
const readPair = async (
  host: Host,
  folder: string,
  name: CertificateAuthority,
): Promise<CertificateAndKey> => {
  const path = join(folder, `${name}.crt`)
  const crt = await readText(host, path)
  const key = await readText(host, join(folder, `${name}.key`))
  const certificate = certificateOf(path, crt)
  if (!certificate.ca) throw unusable(path, 'begins with a certificate that is no CA', treeHelp)
  if (Date.parse(certificate.validTo) <= host.now())
    throw unusable(
      path,
      `ended on ${certificate.validTo}`,
      'renew the CA on the cluster first: k3s certificate rotate-ca',
    )
  if (!certificate.checkPrivateKey(keyOf(join(folder, `${name}.key`), key)))
    throw unusable(path, 'and its .key do not belong together', 'take both from the same server')
  return { crt, key }
}

const keyBlocks = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]*-----END \1PRIVATE KEY-----/g

/** RSA in either form; EC only as SEC1: k3s cannot read it from PKCS#8 (k3s: "does not contain any valid RSA or ECDSA public keys"). */
const readServiceKey = async (host: Host, folder: string): Promise<string> => {
  const path = join(folder, 'service.key')
  const text = await readText(host, path)
  const blocks = [...text.matchAll(keyBlocks)]
  if (blocks.length === 0) throw unusable(path, 'holds no private key', treeHelp)
  for (const [pem, label] of blocks) {
    const { asymmetricKeyType: type } = keyOf(path, pem)
    if (type === 'rsa' || (type === 'ec' && label === 'EC ')) continue
    throw type === 'ec'
      ? unusable(
          path,
          'is an EC key in PKCS#8, which k3s cannot use',
          `write it as SEC1: openssl ec -in ${path} -out service.key`,
        )
      : unusable(path, `is a key of a kind that k3s cannot use (${type ?? 'unknown'})`, 'use RSA')
  }
  return text
}

/** The certificates and keys of a cluster that runs, from its folder `server/tls`. */
export const readTls = async (host: Host, folder: string): Promise<ClusterPki> => {
  const pairs = await Promise.all(
    certificateAuthorities.map(async (name) => [name, await readPair(host, folder, name)] as const),
  )
  const authorities = Object.fromEntries(pairs) as Record<CertificateAuthority, CertificateAndKey>
  const serviceKey = await readServiceKey(host, folder)
  const [, ...above] = splitCertificates(authorities['server-ca'].crt)
  const root = above.at(-1)
  if (root === undefined)
    return { form: 'self-signed', root: null, intermediate: null, authorities, serviceKey }
  try {
    caHash(authorities['server-ca'].crt)
  } catch {
    throw unusable(
      join(folder, 'server-ca.crt'),
      'is a chain that does not lead to its root',
      'put the issuing CA first, each next one its issuer, the root last',
    )
  }
  const between = above.slice(0, -1).join('')
  return {
    form: 'chain',
    root: { crt: root, key: null },
    intermediate: between === '' ? null : { crt: between, key: null },
    authorities,
    serviceKey,
  }
}

/** The password of a token file: `K10<hash>::server:<password>` or the password alone. */
export const readToken = async (host: Host, path: string, pki: ClusterPki): Promise<string> => {
  const text = (await readText(host, path)).trim()
  const [, hash, password = text] = /^K10([0-9a-f]{64})::[a-z]+:(.+)$/.exec(text) ?? []
  const help = 'take the file server/token (or server/agent-token) of the same server'
  if (hash !== undefined && hash !== caHash(pki.authorities['server-ca'].crt))
    throw unusable(path, 'pins another CA than the one that is imported', help)
  if (!isPassword(password)) throw unusable(path, 'holds no token of k3s', help)
  return password
}
