import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { PkiPlan } from '../../plan/build-plan.ts'
import type { ClusterPki } from './cluster-pki.ts'
import { readCertificates } from './pem.ts'
import { authorityPath } from './read-authority.ts'

/** The authority of the user's own that a cluster was made with; null when all was made for it. */
export const authorityRole = ({ root, intermediate }: ClusterPki): 'root' | 'intermediate' | null =>
  intermediate?.key === null ? 'intermediate' : root?.key === null ? 'root' : null

const disagree = (message: string, help: string): EnvironmentFault =>
  new EnvironmentFault(message, help, { code: 'B0822', at: ['cluster', 'pki'] })

const newCluster = 'put the profile back as it was; other certificates are a new cluster (`--new-cluster`)'

/**
 * Certificates are made once: what the profile asks for later must be what there is, or nothing. A profile that no longer
 * names its authority is fine, since a build needs it no more. A file that is not there now is not asked for either.
 */
export const checkPkiAgrees = async (
  host: Pick<Host, 'files'>,
  pki: ClusterPki,
  plan: PkiPlan,
  profileDirectory: string,
): Promise<void> => {
  if (plan.form === 'self-signed' && pki.form === 'chain')
    throw new EnvironmentFault(
      'the cluster has a chain of CAs, which this release of k3s cannot take',
      'use v1.23.17, v1.24.11, v1.25.7, v1.26.2 or later',
      { code: 'B0822', at: ['cluster', 'k3s', 'version'] },
    )
  if (plan.authority === null) return
  const { role, source } = plan.authority
  const own = authorityRole(pki)
  if (own !== role)
    throw disagree(
      own === null
        ? `the certificates of the cluster were made before the profile named its ${role}`
        : `the cluster was made with an ${own === 'root' ? 'own root' : 'own intermediate'}, not with this ${role}`,
      newCluster,
    )
  if (source.kind !== 'pem') return
  const text = await host.files
    .readText(authorityPath(profileDirectory, source.certificates))
    .catch(() => undefined)
  const kept = readCertificates(pki[role]?.crt ?? '')[0]
  const named = text === undefined ? undefined : readFirst(text)
  if (named === undefined || kept === undefined || named.raw.equals(kept.raw)) return
  throw disagree(
    `${source.certificates} is not the ${role} that the cluster was made with`,
    role === 'intermediate'
      ? 'if it was renewed under the same root: `appliance pki renew`; else put the old one back'
      : newCluster,
  )
}

const readFirst = (text: string): ReturnType<typeof readCertificates>[number] | undefined => {
  try {
    return readCertificates(text)[0]
  } catch {
    return undefined
  }
}
