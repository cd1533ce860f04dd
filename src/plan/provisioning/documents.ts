import type { ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import type { PlannedFile } from '../build-plan.ts'
import { ignitionFragments } from '../user-data.ts'
import { ignitionText, planIgnition } from './ignition.ts'
import { planNoCloud } from './no-cloud.ts'
import { planNodeProvisioning } from './node-provisioning.ts'

const text = (path: string, content: string): PlannedFile => ({
  path,
  mode: 0o644,
  content: { kind: 'text', text: content },
})

/** What the front end of a node reads, by the names under which it looks for them. */
export const planDocuments = (profile: ResolvedProfile, node: ResolvedNode): readonly PlannedFile[] => {
  const provisioning = planNodeProvisioning(profile)
  if (profile.provision === 'ignition')
    return [
      text(
        'config.ign',
        ignitionText(planIgnition(provisioning, '3.3.0', ignitionFragments(profile.userData))),
      ),
    ]
  const { metaData, userData } = planNoCloud(profile, node, provisioning)
  return [text('meta-data', metaData), text('user-data', userData)]
}
