import type { ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { sha256Hex } from '../hash.ts'
import { toYaml } from '../to-yaml.ts'
import { mergeUserData } from '../user-data.ts'
import { cloudConfigText } from './cloud-config.ts'
import type { Provisioning } from './provisioning.ts'

/**
 * Two documents of cloud-init's NoCloud datasource. They hold no secret: cloud-init keeps copies of them. Network and host
 * name of our own base are not in them: those are files for systemd (network-files.ts), so that k3s need not wait for
 * cloud-init.
 */
export interface NoCloudDocuments {
  readonly metaData: string
  readonly userData: string
}

/** Of a base that was not made by us. */
export interface BaseImageSettings {
  /** Further keys of the user-data. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly networkConfig: string
}

/**
 * The instance-id follows the content: cloud-init applies users anew when a replaced seed says something else, and does
 * nothing when it is the same. The host key does not hang on it.
 */
export const planNoCloud = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  provisioning: Provisioning,
  given?: BaseImageSettings,
): NoCloudDocuments => {
  const userData = cloudConfigText(provisioning, mergeUserData(profile.userData), given?.settings)
  const content = [node.name, userData, ...(given === undefined ? [] : [given.networkConfig])]
  const mark = sha256Hex(JSON.stringify(content)).slice(0, 16)
  return {
    userData,
    metaData: toYaml({
      'instance-id': `${profile.cluster.name}-${node.name}-${mark}`,
      'local-hostname': node.name,
    }),
  }
}
