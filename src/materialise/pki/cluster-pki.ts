import type { BuildPlan, CertificateAuthority, PkiPlan } from '../../plan/build-plan.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import type { CertificateAndKey, Issuer, PkiWorld } from './issue.ts'
import { issuerOf, makeCa, nameTime } from './issue.ts'
import { makeServiceKey, signerOf } from './keys.ts'
import type { SigningAuthority } from './signing-authority.ts'

/** A certificate above the issuing CAs; null for a key that the user keeps elsewhere. */
export interface Authority {
  /** For an intermediate of the user's own also the intermediates above it, nearest first. */
  readonly crt: string
  readonly key: string | null
}

/** Every key and certificate of a cluster that k3s does not make by itself. PEM throughout. */
export interface ClusterPki {
  readonly form: PkiPlan['form']
  /** Null in the self-signed form, where every issuing CA is a root. */
  readonly root: Authority | null
  readonly intermediate: Authority | null
  /** `crt` is the bundle as k3s wants it: the issuing CA first, its issuer next, the root last. */
  readonly authorities: Readonly<Record<CertificateAuthority, CertificateAndKey>>
  /** Signs service-account tokens: RSA, PKCS#1. After a rotation the old ones follow, which then only verify. */
  readonly serviceKey: string
}

/** What stands above the issuing CAs of a chain. */
export interface Chain {
  readonly root: Authority
  readonly intermediate: Authority
  /** The intermediate, ready to sign. */
  readonly issuer: Issuer
}

/** What follows an issuing CA in its bundle. */
export const chainPem = ({ root, intermediate }: Pick<Chain, 'root' | 'intermediate'>): string =>
  intermediate.crt + root.crt

/** For every issuing CA at once. */
export const forEachAuthority = async (
  make: (name: CertificateAuthority) => Promise<CertificateAndKey>,
): Promise<ClusterPki['authorities']> => {
  const pairs = await Promise.all(
    certificateAuthorities.map(async (name) => [name, await make(name)] as const),
  )
  return Object.fromEntries(pairs) as Record<CertificateAuthority, CertificateAndKey>
}

/** New issuing CAs, under a chain or each a root of its own. */
export const makeIssuingCas = (chain: Chain | null, world: PkiWorld): Promise<ClusterPki['authorities']> =>
  forEachAuthority(async (name) => {
    const commonName = `k3s-${name.replace('/', '-')}@${nameTime(world)}`
    const { crt, key } = await makeCa(commonName, chain?.issuer ?? null, world)
    return { crt: chain === null ? crt : crt + chainPem(chain), key }
  })

export const makeIntermediate = (
  cluster: string,
  root: Issuer,
  world: PkiWorld,
): Promise<CertificateAndKey> => makeCa(`${cluster} intermediate@${nameTime(world)}`, root, world)

/** An intermediate that signs, with what is above it. */
export const issuerBelow = ({ crt, key }: CertificateAndKey, above: string): Promise<Issuer> =>
  issuerOf({ crt: crt + above, key })

/** The authority of the user's own as the top of a chain: none of its keys goes on. */
export const ownChain = async (
  cluster: string,
  { role, certificates, key }: SigningAuthority,
  world: PkiWorld,
): Promise<Chain> => {
  const own = { certificate: certificates.join(''), signer: await signerOf(key) }
  const root = { crt: certificates.at(-1) ?? '', key: null }
  if (role === 'intermediate') {
    return { root, intermediate: { crt: certificates.slice(0, -1).join(''), key: null }, issuer: own }
  }
  const intermediate = await makeIntermediate(cluster, own, world)
  return { root, intermediate, issuer: await issuerBelow(intermediate, root.crt) }
}

const makeChain = async (cluster: string, world: PkiWorld): Promise<Chain> => {
  const root = await makeCa(`${cluster} root`, null, world)
  const intermediate = await makeIntermediate(cluster, await issuerOf(root), world)
  return { root, intermediate, issuer: await issuerBelow(intermediate, root.crt) }
}

/**
 * Makes what a new cluster starts with. `authority` is what `readAuthority` gives for the plan's `pki.authority`. An RSA key
 * takes longer to find than all the rest to make, so it is begun first.
 */
export const makeClusterPki = async (
  { cluster, pki }: Pick<BuildPlan, 'cluster' | 'pki'>,
  world: PkiWorld,
  authority?: SigningAuthority,
): Promise<ClusterPki> => {
  if ((pki.authority === null) !== (authority === undefined))
    throw new Error('a cluster with an authority of its own is made with that authority, and only then')
  const makeCas = async (): Promise<Omit<ClusterPki, 'serviceKey'>> => {
    if (pki.form === 'self-signed')
      return {
        form: pki.form,
        root: null,
        intermediate: null,
        authorities: await makeIssuingCas(null, world),
      }
    const chain =
      authority === undefined ? await makeChain(cluster, world) : await ownChain(cluster, authority, world)
    const { root, intermediate } = chain
    return { form: pki.form, root, intermediate, authorities: await makeIssuingCas(chain, world) }
  }
  const [serviceKey, cas] = await Promise.all([makeServiceKey(), makeCas()])
  return { ...cas, serviceKey }
}
