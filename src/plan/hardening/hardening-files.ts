import type { ResolvedHardening } from '../../resolve/hardening.ts'
import { cisPaths, kernelDefaults } from '../../resolve/hardening.ts'
import type { HardeningExpectation, InstallEntry } from '../build-plan.ts'
import type { SeedPart } from '../seed-files.ts'
import { toYaml } from '../to-yaml.ts'
import { hardeningManifests } from './hardening-manifests.ts'

/** The name that the guide and auditors know; a base of ours has the same values in /usr/lib/sysctl.d. */
const sysctlFile = '/etc/sysctl.d/90-kubelet.conf'

/**
 * Configuration of admission plugins (kubernetes.io/docs/reference/config-api/apiserver-eventratelimit.v1alpha1 and
 * /docs/tasks/configure-pod-container/enforce-standards-admission-controller).
 */
const admissionConfig = ({ podSecurity }: ResolvedHardening): unknown => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AdmissionConfiguration',
  plugins: [
    ...(podSecurity.form === 'policies'
      ? []
      : [
          {
            name: 'PodSecurity',
            configuration: {
              apiVersion: `pod-security.admission.config.k8s.io/${podSecurity.form}`,
              kind: 'PodSecurityConfiguration',
              defaults: {
                enforce: podSecurity.enforce,
                'enforce-version': 'latest',
                audit: 'restricted',
                'audit-version': 'latest',
                warn: 'restricted',
                'warn-version': 'latest',
              },
              exemptions: {
                usernames: [],
                runtimeClasses: [],
                namespaces: ['kube-system', ...podSecurity.exemptNamespaces],
              },
            },
          },
        ]),
    {
      name: 'EventRateLimit',
      configuration: {
        apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
        kind: 'Configuration',
        limits: [
          { type: 'Namespace', qps: 50, burst: 100, cacheSize: 2000 },
          { type: 'User', qps: 10, burst: 50 },
        ],
      },
    },
  ],
})

/** Who did what, and nothing of what was in it: no secret comes into the log. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules: [{ level: 'Metadata' }],
}

const entry = (target: string, mode: number, text: string): InstallEntry => ({
  target,
  mode,
  content: { kind: 'text', text },
})

/** Kernel parameters on every node, what the API server reads on every server, manifests on the first. */
export const hardeningFiles: SeedPart = (profile, node, { kind }) => {
  const { hardening } = profile.cluster
  if (hardening === null) return []
  const sysctls = Object.entries(kernelDefaults).map(([name, value]) => `${name} = ${value}\n`)
  return [
    entry(sysctlFile, 0o644, sysctls.join('')),
    ...(node.role === 'server'
      ? [
          entry(cisPaths.admission, 0o600, toYaml(admissionConfig(hardening))),
          entry(cisPaths.auditPolicy, 0o600, toYaml(auditPolicy)),
        ]
      : []),
    ...(kind === 'starts' ? hardeningManifests(profile, hardening) : []),
  ]
}

/** What a proof looks for on the node. */
export const expectedHardening = (
  hardening: ResolvedHardening | null,
  role: 'server' | 'agent',
): HardeningExpectation | null =>
  hardening === null
    ? null
    : {
        kernel: kernelDefaults,
        paths:
          role === 'agent'
            ? []
            : [
                { path: cisPaths.admission, mode: 0o600 },
                { path: cisPaths.auditPolicy, mode: 0o600 },
                { path: cisPaths.auditFolder, mode: 0o700 },
                { path: cisPaths.auditLog, mode: 0o600 },
              ],
      }
