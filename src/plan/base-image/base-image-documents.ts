import type { ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import type { PlannedFile } from '../build-plan.ts'
import { networkConfigText } from '../provisioning/network-config.ts'
import { planNoCloud } from '../provisioning/no-cloud.ts'
import type { ProvisionedFile } from '../provisioning/provisioning.ts'
import { planBaseImageProvisioning } from './base-image-provisioning.ts'

/**
 * What cloud-init is told beside the model (docs.cloud-init.io, "Module reference", 25.1): the root keeps its size, since
 * what follows it is ours; the node's own name is in /etc/hosts; nobody logs in by password.
 */
const settings = {
  growpart: { mode: 'off' },
  resize_rootfs: false,
  manage_etc_hosts: 'localhost',
  ssh_pwauth: false,
}

/** NoCloud's three documents for a base that was not made by us. `files`: of planBaseImageFiles. */
export const planBaseImageDocuments = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  files: readonly ProvisionedFile[],
): readonly PlannedFile[] => {
  const networkConfig = networkConfigText(node)
  const provisioning = planBaseImageProvisioning(profile, node, files)
  const { metaData, userData } = planNoCloud(profile, node, provisioning, { settings, networkConfig })
  return Object.entries({
    'meta-data': metaData,
    'network-config': networkConfig,
    'user-data': userData,
  }).map(([path, text]) => ({ path, mode: 0o644, content: { kind: 'text', text } }))
}
