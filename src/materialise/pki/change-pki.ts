import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { CertificateAuthority } from '../../plan/build-plan.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { caHash } from './ca-hash.ts'
import type { Authority, Chain, ClusterPki } from './cluster-pki.ts'
import {
  chainPem,
  forEachAuthority,
  issuerBelow,
  makeIntermediate,
  makeIssuingCas,
  ownChain,
} from './cluster-pki.ts'
import type { Issuer, PkiWorld } from './issue.ts'
import { issuerOf, renewCa } from './issue.ts'
import { makeServiceKey, signerOf } from './keys.ts'
import { readCertificates, splitCertificates } from './pem.ts'
import type { SigningAuthority } from './signing-authority.ts'

/** What `renewPki` can renew. Never the root: tokens pin it, so a new one is a new cluster for every node. */
export type Renewable = CertificateAuthority | 'intermediate'
export const renewables: readonly Renewable[] = ['intermediate', ...certificateAuthorities]

export interface PkiChange {
  readonly pki: ClusterPki
  /** The hash in tokens is another one: nodes that have not joined yet need new images. */
  readonly hashChanged: boolean
}

const changed = (before: ClusterPki, after: ClusterPki): PkiChange => {
  const hash = ({ authorities }: ClusterPki): string => caHash(authorities['server-ca'].crt)
  return { pki: after, hashChanged: hash(before) !== hash(after) }
}

/** The authority of the user's own that a change must be given, because the state does not hold the key it needs. */
export const requiredAuthority = (
  { form, root, intermediate }: ClusterPki,
  change: readonly Renewable[] | 'rotation',
): SigningAuthority['role'] | null => {
  if (form === 'self-signed') return null
  if (intermediate?.key === null) return 'intermediate'
  return root?.key === null && change !== 'rotation' && change.includes('intermediate') ? 'root' : null
}

const checkAuthority = (
  pki: ClusterPki,
  change: readonly Renewable[] | 'rotation',
  authority: SigningAuthority | undefined,
): void => {
  const required = requiredAuthority(pki, change)
  if (required !== null && authority?.role !== required) {
    throw new EnvironmentFault(
      `this needs the key of your own ${required}, which the state never keeps`,
      `name it under \`cluster.pki.${required}\` of the profile, with a key that can be read now`,
      { code: 'B0820', at: ['cluster', 'pki'] },
    )
  }
  const certificates = authority?.certificates.map((pem) => pem.trim()) ?? []
  if (authority !== undefined && certificates.at(-1) !== pki.root?.crt.trim()) {
    throw new EnvironmentFault(
      `the root of \`cluster.pki.${authority.role}\` is not the root of this cluster`,
      'use the root that the cluster was made with; another root is a new cluster, with new images for every node',
      { code: 'B0821', at: ['cluster', 'pki', authority.role] },
    )
  }
}

/** The root, ready to sign; undefined when its key is not at hand. */
const rootIssuer = async (
  { root }: ClusterPki,
  authority: SigningAuthority | undefined,
): Promise<Issuer | undefined> => {
  if (root === null) return undefined
  if (authority?.role === 'root') return { certificate: root.crt, signer: await signerOf(authority.key) }
  return root.key === null ? undefined : issuerOf({ crt: root.crt, key: root.key })
}

/** The chain as it is, or with the intermediate that the user gave. */
const presentChain = async (
  { root, intermediate }: ClusterPki,
  authority: SigningAuthority | undefined,
  world: PkiWorld,
): Promise<Chain | null> => {
  if (root === null || intermediate === null) return null
  if (authority?.role === 'intermediate') return ownChain('', authority, world)
  const { crt, key } = intermediate
  if (key === null) throw new Error('a change without its authority was not refused')
  return { root, intermediate, issuer: await issuerBelow({ crt, key }, root.crt) }
}

const renewIntermediate = async (chain: Chain, root: Issuer, world: PkiWorld): Promise<Chain> => {
  const { crt, key } = chain.intermediate
  if (key === null) throw new Error('an intermediate of the user is renewed by the user')
  const intermediate = await renewCa({ crt, key }, root, world)
  return { ...chain, intermediate, issuer: await issuerBelow(intermediate, chain.root.crt) }
}

/**
 * New certificates for the same keys and subjects, under the same root: what the old ones signed stays valid. In chain form
 * the hash in tokens stays. A renewed intermediate goes into every bundle. An intermediate of the user's own is renewed by
 * the user: the one in `authority` takes its place, and since its key may be another one, every issuing CA is signed anew.
 */
export const renewPki = async (
  pki: ClusterPki,
  which: readonly Renewable[],
  world: PkiWorld,
  authority?: SigningAuthority,
): Promise<PkiChange> => {
  checkAuthority(pki, which, authority)
  const present = await presentChain(pki, authority, world)
  const root = which.includes('intermediate') ? await rootIssuer(pki, authority) : undefined
  const isOwn = present !== null && present.intermediate.key === null
  const chain =
    present === null || root === undefined ? present : await renewIntermediate(present, root, world)
  const authorities = await forEachAuthority(async (name) => {
    const { crt, key } = pki.authorities[name]
    const first = splitCertificates(crt)[0] ?? ''
    const isRenewed = isOwn || which.includes(name)
    const own = isRenewed
      ? await renewCa({ crt: first, key }, chain?.issuer ?? null, world)
      : { crt: first, key }
    return { crt: chain === null ? own.crt : own.crt + chainPem(chain), key }
  })
  return changed(pki, { ...pki, ...partsOf(chain), authorities })
}

const partsOf = (chain: Chain | null): Record<'root' | 'intermediate', Authority | null> => ({
  root: chain?.root ?? null,
  intermediate: chain?.intermediate ?? null,
})

/**
 * New keys under the same root: issuing CAs always, the intermediate where the root's key is at hand. The new service key
 * comes first and signs; the old ones follow, so that tokens of service accounts stay valid. Without a chain there is no root
 * above the CAs, and the hash in tokens changes.
 */
export const rotatePki = async (
  pki: ClusterPki,
  world: PkiWorld,
  authority?: SigningAuthority,
): Promise<PkiChange> => {
  checkAuthority(pki, 'rotation', authority)
  const makeCas = async (): Promise<Omit<ClusterPki, 'serviceKey' | 'form'>> => {
    const present = await presentChain(pki, authority, world)
    const root = await rootIssuer(pki, authority)
    const isOwn = present !== null && present.intermediate.key === null
    const chain =
      present === null || root === undefined || isOwn
        ? present
        : await replaceIntermediate(present, root, world)
    return { ...partsOf(chain), authorities: await makeIssuingCas(chain, world) }
  }
  const [serviceKey, cas] = await Promise.all([makeServiceKey(), makeCas()])
  return changed(pki, { form: pki.form, ...cas, serviceKey: serviceKey + pki.serviceKey })
}

const replaceIntermediate = async (chain: Chain, root: Issuer, world: PkiWorld): Promise<Chain> => {
  const name = clusterOf(chain.intermediate.crt)
  const intermediate = await makeIntermediate(name, root, world)
  return { ...chain, intermediate, issuer: await issuerBelow(intermediate, chain.root.crt) }
}

/** `bakery` of `CN=bakery intermediate@1767225600`. */
const clusterOf = (intermediate: string): string =>
  readCertificates(intermediate)[0]?.subject.replace(/^CN=| intermediate@\d+$/g, '') ?? ''
