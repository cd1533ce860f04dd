import type { K3sConfigPart } from './k3s-config.ts'

/**
 * With `system-default-registry: R` pods ask for `R/rancher/...`, which no archive holds: k3s gives what it imports these
 * names beside its own when `airgap-extra-registry` says so (pkg/agent/containerd, retagImages). Agents import, too.
 */
export const registryNames: K3sConfigPart = ({ cluster: { config, registries } }) => {
  const registry = registries?.systemDefault ?? config['system-default-registry']
  return typeof registry === 'string' && registry !== '' ? { 'airgap-extra-registry': [registry] } : {}
}
