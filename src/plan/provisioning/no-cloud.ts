import type { ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { sha256Hex } from '../hash.ts'
import { toYaml } from '../to-yaml.ts'
import { mergeUserData } from '../user-data.ts'
import { cloudConfigText } from './cloud-config.ts'
import { networkConfigText } from './network-config.ts'
import type { Provisioning } from './provisioning.ts'

/** Documents of cloud-init's NoCloud datasource. They hold no secret: cloud-init keeps copies of them. */
export interface NoCloudDocuments {
  readonly metaData: string
  /**
   * Null on a base of our own: its network and its name are files for systemd (network-files.ts), so that k3s need not wait
   * for cloud-init.
   */
  readonly networkConfig: string | null
  readonly userData: string
}

/**
 * The instance-id follows the content: cloud-init applies users anew when a replaced seed says something else, and does
 * nothing when it is the same. The host key does not hang on it.
 */
export const planNoCloud = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  provisioning: Provisioning,
): NoCloudDocuments => {
  const userData = cloudConfigText(provisioning, mergeUserData(profile.userData))
  const networkConfig = provisioning.network === null ? null : networkConfigText(provisioning.network)
  const content = [node.name, userData, ...(networkConfig === null ? [] : [networkConfig])]
  const mark = sha256Hex(JSON.stringify(content)).slice(0, 16)
  return {
    userData,
    networkConfig,
    metaData: toYaml({
      'instance-id': `${profile.cluster.name}-${node.name}-${mark}`,
      'local-hostname': node.name,
    }),
  }
}
