import { manifestsFolder } from './build-plan.ts'
import { yamlContent } from './secret-text.ts'
import type { SeedPart } from './seed-files.ts'

/** k3s's CoreDNS imports `*.server` and `*.override` of this ConfigMap, and reads it anew by itself. */
export const corednsManifest: SeedPart = ({ cluster: { coredns } }, _node, entry) =>
  entry.kind !== 'starts' || Object.keys(coredns).length === 0
    ? []
    : [
        {
          target: `${manifestsFolder}/appliance-coredns.yaml`,
          mode: 0o600,
          content: yamlContent({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'coredns-custom', namespace: 'kube-system' },
            // Their order in the profile changes no byte.
            data: Object.fromEntries(Object.entries(coredns).toSorted(([a], [b]) => (a < b ? -1 : 1))),
          }),
        },
      ]
