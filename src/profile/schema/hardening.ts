import Type from 'typebox'
import { dnsLabelPattern } from './text-patterns.ts'

export const hardeningSchema = Type.Enum(['none', 'cis'], {
  description:
    'cis: the settings of the CIS hardening guide of k3s for this release: kernel parameters, encrypted secrets, audit log, admission plugins, network policies, ciphers. docs/hardening.md lists them.',
  default: 'none',
  examples: ['cis'],
})

export const podSecuritySchema = Type.Object(
  {
    enforce: Type.Optional(
      Type.Enum(['restricted', 'baseline', 'privileged'], {
        description:
          'What a pod must keep to be accepted, by the Pod Security Standards of Kubernetes. Whatever is less than restricted is told in warnings and in the audit log all the same.',
        default: 'restricted',
        examples: ['baseline'],
      }),
    ),
    exemptNamespaces: Type.Optional(
      Type.Array(Type.String({ pattern: dnsLabelPattern }), {
        description:
          'Namespaces whose pods are not held to it, such as one with a workload that needs a folder of the host. `kube-system`, where the components of k3s run, is always exempt.',
        examples: [['storage']],
      }),
    ),
  },
  {
    description: 'Which pods the cluster accepts; part of `hardening: cis`.',
    examples: [{ enforce: 'baseline' }, { exemptNamespaces: ['storage'] }],
    additionalProperties: false,
  },
)
