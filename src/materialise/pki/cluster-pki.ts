import type { CertificateAuthority, PkiPlan } from '../../plan/build-plan.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import type { CertificateAndKey, PkiWorld } from './issue.ts'
import { makeCa, makeServiceKey } from './issue.ts'

/** A certificate above the issuing CAs; null for a key that the user keeps elsewhere. */
export interface Authority {
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
  /** Signs service-account tokens: RSA, PKCS#1. */
  readonly serviceKey: string
}

/** Makes what a new cluster starts with. */
export const makeClusterPki = async ({ form }: PkiPlan, world: PkiWorld): Promise<ClusterPki> => {
  const pairs = await Promise.all(
    certificateAuthorities.map(async (name) => [name, await makeCa(name, world)] as const),
  )
  return {
    form,
    root: null,
    intermediate: null,
    authorities: Object.fromEntries(pairs) as Record<CertificateAuthority, CertificateAndKey>,
    serviceKey: await makeServiceKey(),
  }
}
