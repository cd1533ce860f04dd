import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { NodePlan } from '../plan/build-plan.ts'
import type { BootstrapToken } from './tokens.ts'
import { withBootstrapTokens } from './tokens.ts'

type Joining = Pick<NodePlan, 'name' | 'bootstrapToken'>

const help =
  'set a later `expires`, or remove `bootstrapToken`: the node then joins with the common token of agents'

export const endedToken = (node: string, expires: string, index: number): EnvironmentFault =>
  new EnvironmentFault(`the bootstrap token of ${node} ended at ${expires}: it could not join`, help, {
    code: 'R1109',
    at: ['nodes', index, 'bootstrapToken', 'expires'],
  })

/**
 * The tokens that the nodes ask for. A token made now that has ended already is a fault: its node could never join. One that
 * was made before it ended stays as it is, with a warning: the same lock and state go on giving the same images.
 */
export const bootstrapTokensOf = (
  kept: readonly BootstrapToken[],
  nodes: readonly Joining[],
  { now, randomBytes, report }: Pick<Host, 'now' | 'randomBytes' | 'report'>,
): readonly BootstrapToken[] => {
  for (const [index, { name, bootstrapToken }] of nodes.entries()) {
    const expires = bootstrapToken?.expires ?? null
    if (expires === null || Date.parse(expires) > now()) continue
    const known = kept.find(({ node }) => node === name)
    if (known?.expires !== expires) throw endedToken(name, expires, index)
    report.warn(
      `the bootstrap token of ${name} ended at ${expires}: its image joins no more. To change that: ${help}`,
    )
  }
  const requests = nodes.flatMap(({ name, bootstrapToken }) =>
    bootstrapToken === null ? [] : [{ node: name, expires: bootstrapToken.expires }],
  )
  return withBootstrapTokens(kept, requests, randomBytes)
}
