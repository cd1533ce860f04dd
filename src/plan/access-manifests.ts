import type { ResolvedKubeconfig, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { InstallEntry } from './build-plan.ts'
import { manifestsFolder } from './build-plan.ts'
import { toYaml } from './to-yaml.ts'

const rbac = 'rbac.authorization.k8s.io'

/** The role is part of the name, since that of an existing binding cannot be changed. */
const roleBinding = ({ name, groups }: ResolvedKubeconfig, role: string): string =>
  toYaml({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: `appliance:${name}:${role}` },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects:
      groups.length === 0
        ? [{ apiGroup: rbac, kind: 'User', name }]
        : groups.map((group) => ({ apiGroup: rbac, kind: 'Group', name: group })),
  })

/**
 * What the first server tells the cluster of people and of agents' own tokens. A token that had ended when the lock was made
 * is left out: k3s would create its Secret anew at every start. The lock's time and not the clock, so that the same lock
 * gives the same bytes.
 */
export const accessManifests = (profile: ResolvedProfile): readonly InstallEntry[] => {
  const bindings = profile.access.kubeconfigs.flatMap((kubeconfig) =>
    kubeconfig.role === null ? [] : [roleBinding(kubeconfig, kubeconfig.role)],
  )
  const tokens = profile.nodes.filter(
    ({ bootstrapToken }) =>
      bootstrapToken !== null &&
      (bootstrapToken.expires === null || Date.parse(bootstrapToken.expires) / 1000 > profile.epoch),
  )
  return [
    ...(bindings.length === 0
      ? []
      : [
          {
            target: `${manifestsFolder}/appliance-access.yaml`,
            mode: 0o600,
            content: { kind: 'text' as const, text: bindings.join('---\n') },
          },
        ]),
    ...tokens.map(({ name }) => ({
      target: `${manifestsFolder}/bootstrap-token-${name}.yaml`,
      mode: 0o600,
      content: {
        kind: 'state' as const,
        reference: { name: `bootstrap-token/${name}.yaml`, secret: true },
      },
    })),
  ]
}
