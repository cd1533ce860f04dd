import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { KubeconfigPlan } from './build-plan.ts'
import { apiUrl } from './k3s-config.ts'

/** The administrator's, under a name of its own for the audit log (k3s's is `system:admin`), and the profile's. */
export const planKubeconfigs = (profile: ResolvedProfile): readonly KubeconfigPlan[] => {
  const server = apiUrl(profile)
  const { admin, kubeconfigs } = profile.access
  return [
    {
      file: 'kubeconfig',
      server,
      user: 'appliance-admin',
      groups: ['system:masters'],
      lifetimeDays: admin.lifetimeDays,
    },
    ...kubeconfigs.map(({ name, groups, lifetimeDays }) => ({
      file: `${name}.kubeconfig`,
      server,
      user: name,
      groups,
      lifetimeDays,
    })),
  ]
}
