/** The server's certificates: takes over what is in `tls/`, makes what is missing, renews leaves. */

import { createPublicKey, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../files.ts'
import { kubeconfigFiles } from '../kubeconfig.ts'
import { K3S_VERSION, renewBeforeDays } from '../version.ts'
import type { Certificate } from '../x509/certificate.ts'
import { parseCertificates, toPem } from '../x509/certificate.ts'
import type { LeafRequest } from '../x509/issue.ts'
import { issueLeaf, issueSelfSignedCa } from '../x509/issue.ts'
import { loadOrMakeKey, readPrivateKey, readServiceKey } from '../x509/keys.ts'

const DAY_MS = 86_400_000
/** k3s renews a leaf at start when this much or less remains. */
const RENEW_BEFORE_MS = renewBeforeDays(K3S_VERSION) * DAY_MS

const CAS: readonly (readonly [string, string])[] = [
  ['client-ca', 'k3s-client'],
  ['server-ca', 'k3s-server'],
  ['request-header-ca', 'k3s-request-header'],
  ['etcd/server-ca', 'etcd-server'],
  ['etcd/peer-ca', 'etcd-peer'],
]

/** File name, common name, organizations, kubeconfig in `cred/`. */
const CLIENTS: readonly (readonly [string, string, readonly string[], string])[] = [
  ['client-admin', 'system:admin', ['system:masters'], 'admin'],
  ['client-supervisor', 'system:k3s-supervisor', ['system:masters'], 'supervisor'],
  ['client-controller', 'system:kube-controller-manager', [], 'controller'],
  ['client-scheduler', 'system:kube-scheduler', [], 'scheduler'],
  ['client-kube-apiserver', 'system:apiserver', ['system:masters'], 'api-server'],
  ['client-k3s-cloud-controller', 'k3s-cloud-controller-manager', [], 'cloud-controller'],
]

export interface PkiRequest {
  /** `$D/server`. */
  readonly directory: string
  readonly port: number
  readonly clusterDomain: string
  readonly names: readonly string[]
}

export class Pki {
  readonly tls: string
  readonly #request: PkiRequest

  constructor(request: PkiRequest) {
    this.#request = request
    this.tls = join(request.directory, 'tls')
  }

  ensure(): void {
    mkdirSync(join(this.tls, 'etcd'), { recursive: true, mode: 0o700 })
    mkdirSync(join(this.#request.directory, 'cred'), { recursive: true, mode: 0o700 })
    for (const [name, prefix] of CAS) ensureCa(join(this.tls, name), prefix)
    for (const name of ['client-ca', 'server-ca']) {
      const first = this.bundle(name)[0]
      if (first !== undefined) {
        writeFileAtomic(join(this.tls, `${name}.nochain.crt`), toPem('CERTIFICATE', first.raw), 0o644)
      }
    }
    this.#ensureClients()
    this.#ensureServing()
    this.#ensureSecrets()
  }

  bundle(name: string): Certificate[] {
    return parseCertificates(readFileSync(join(this.tls, `${name}.crt`), 'utf8'))
  }

  /** A leaf followed by the bundle of its CA. */
  issue(ca: string, request: LeafRequest, publicKey: ReturnType<typeof createPublicKey>): string {
    const bundle = this.bundle(ca)
    const [issuer] = bundle
    if (issuer === undefined)
      throw new Error(`${join(this.tls, ca)}.crt: data does not contain any valid certificates`)
    const leaf = issueLeaf(request, publicKey, issuer, readPrivateKey(join(this.tls, `${ca}.key`)))
    return [leaf, ...bundle.map(({ raw }) => raw)].map((raw) => toPem('CERTIFICATE', raw)).join('')
  }

  #ensureClients(): void {
    for (const [file, commonName, organizations, kubeconfig] of CLIENTS) {
      const fresh = this.#leaf('client-ca', file, {
        subject: { commonName, organizations },
        usages: ['client'],
      })
      const path = join(this.#request.directory, 'cred', `${kubeconfig}.kubeconfig`)
      if (fresh) {
        const text = kubeconfigFiles(`https://127.0.0.1:${this.#request.port}`, {
          ca: join(this.tls, 'server-ca.crt'),
          certificate: join(this.tls, `${file}.crt`),
          key: join(this.tls, `${file}.key`),
        })
        writeFileAtomic(path, text, 0o600)
      } else if (!existsSync(path)) {
        // k3s writes these files only together with their certificate.
        throw new Error(`stat ${path}: no such file or directory`)
      }
    }
    for (const name of ['client-kube-proxy', 'client-k3s-controller', 'client-kubelet', 'serving-kubelet']) {
      loadOrMakeKey(join(this.tls, `${name}.key`))
    }
    this.#leaf('request-header-ca', 'client-auth-proxy', {
      subject: { commonName: 'system:auth-proxy' },
      usages: ['client'],
    })
  }

  #ensureServing(): void {
    const cluster = ['', '.default', '.default.svc', `.default.svc.${this.#request.clusterDomain}`]
    const names = [...cluster.map((suffix) => `kubernetes${suffix}`), ...this.#request.names]
    this.#leaf('server-ca', 'serving-kube-apiserver', {
      subject: { commonName: 'kube-apiserver' },
      usages: ['server'],
      names,
    })
    this.#leaf('etcd/server-ca', 'etcd/client', {
      subject: { commonName: 'etcd-client' },
      usages: ['client'],
    })
    for (const [ca, file] of [
      ['etcd/server-ca', 'etcd/server-client'],
      ['etcd/peer-ca', 'etcd/peer-server-client'],
    ] as const) {
      const commonName = file === 'etcd/server-client' ? 'etcd-server' : 'etcd-peer'
      this.#leaf(ca, file, { subject: { commonName }, usages: ['server', 'client'], names })
    }
  }

  #ensureSecrets(): void {
    const serviceKey = join(this.tls, 'service.key')
    loadOrMakeKey(serviceKey)
    const current = readServiceKey(serviceKey)
    const type = current.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1'
    writeFileAtomic(join(this.tls, 'service.current.key'), current.export({ format: 'pem', type }), 0o600)
    const psk = join(this.#request.directory, 'cred', 'ipsec.psk')
    if ((readIfPresent(psk) ?? '') === '') writeFileAtomic(psk, `${randomBytes(48).toString('hex')}\n`, 0o600)
  }

  fits(pem: string, ca: string, names: readonly string[]): boolean {
    return isCurrent(pem, this.bundle(ca)[0], names)
  }

  /** True when the leaf was made anew: it was missing, runs out, or has another issuer or other names. */
  #leaf(ca: string, file: string, request: LeafRequest): boolean {
    const certificate = join(this.tls, `${file}.crt`)
    const key = join(this.tls, `${file}.key`)
    if (existsSync(key) && this.fits(readIfPresent(certificate) ?? '', ca, request.names ?? [])) return false
    const publicKey = createPublicKey(loadOrMakeKey(key))
    writeFileAtomic(certificate, this.issue(ca, request, publicKey), 0o644)
    return true
  }
}

/** One half of a pair: a key makes a new certificate, a certificate alone is replaced together with a new key. */
function ensureCa(path: string, prefix: string): void {
  if (existsSync(`${path}.crt`) && existsSync(`${path}.key`)) {
    chmodSync(`${path}.key`, 0o600)
    return
  }
  const key = loadOrMakeKey(`${path}.key`)
  const certificate = issueSelfSignedCa(`${prefix}-ca@${Math.floor(Date.now() / 1000)}`, key)
  writeFileAtomic(`${path}.crt`, toPem('CERTIFICATE', certificate), 0o644)
}

/** A CA that was issued anew over the same key may have another key identifier: its leaves name the old one. */
function hasIssuersKey(leaf: Certificate, issuer: Certificate): boolean {
  if (leaf.authorityKeyId === null || issuer.subjectKeyId === null) return true
  return leaf.authorityKeyId.equals(issuer.subjectKeyId)
}

/** True for a leaf of this issuer that lives long enough and has all names. */
function isCurrent(pem: string, issuer: Certificate | undefined, names: readonly string[]): boolean {
  const [leaf] = parseCertificates(pem)
  if (leaf === undefined || issuer === undefined) return false
  const alternatives = (leaf.x509.subjectAltName ?? '').split(', ')
  return (
    leaf.notAfter.getTime() - Date.now() > RENEW_BEFORE_MS &&
    leaf.x509.verify(issuer.x509.publicKey) &&
    hasIssuersKey(leaf, issuer) &&
    names.every((name) =>
      isIP(name) === 0 ? alternatives.includes(`DNS:${name}`) : leaf.x509.checkIP(name) !== undefined,
    )
  )
}
