import type { ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import type { PlannedFile } from '../build-plan.ts'
import { ignitionFragments } from '../user-data.ts'
import type { IgnitionBase } from './ignition.ts'
import { ignitionText, ownIgnition, planIgnition } from './ignition.ts'
import { planNoCloud } from './no-cloud.ts'
import { planNodeProvisioning } from './node-provisioning.ts'
import type { Provisioning } from './provisioning.ts'

const text = (path: string, content: string | null): readonly PlannedFile[] =>
  content === null ? [] : [{ path, mode: 0o644, content: { kind: 'text', text: content } }]

/** What the front end of a node reads, by the names under which it looks for them. */
export const planDocuments = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  provisioning: Provisioning = planNodeProvisioning(profile),
  ignition: IgnitionBase = ownIgnition,
): readonly PlannedFile[] => {
  if (profile.provision === 'ignition')
    return text(
      ignition.document,
      ignitionText(planIgnition(provisioning, ignition, ignitionFragments(profile.userData))),
    )
  const { metaData, networkConfig, userData } = planNoCloud(profile, node, provisioning)
  return [
    ...text('meta-data', metaData),
    ...text('network-config', networkConfig),
    ...text('user-data', userData),
  ]
}
