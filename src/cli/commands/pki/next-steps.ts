import type { ClusterPki } from '../../../materialise/pki/cluster-pki.ts'

/** What is left to do by hand once the state has other certificates than the running cluster (k3s certificate rotate-ca). */
export const nextSteps = (
  pki: ClusterPki,
  profile: string,
  { isForced, hashChanged }: { readonly isForced: boolean; readonly hashChanged: boolean },
): readonly string[] => [
  'images built from now on have the new ones. On the cluster that runs:',
  `  1. appliance pki export ${profile} --to DIR, and copy DIR to the first server`,
  `  2. there, as root: k3s certificate rotate-ca --path DIR${isForced ? ' --force' : ''}`,
  '  3. restart k3s on the servers, one after another, then on the agents; remove DIR',
  `  4. appliance build ${profile}, for cards that are flashed from now on and for the kubeconfigs`,
  ...(pki.form === 'self-signed'
    ? ['releases of k3s before v1.26.2 (v1.25.7, v1.24.11, v1.23.17) have no rotate-ca: upgrade it first']
    : []),
  ...(hashChanged
    ? ['tokens pin another CA now: images built before can no longer join; nodes that have joined stay']
    : []),
]
