import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { CertificateAuthority } from '../../plan/build-plan.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { nodePassword } from '../node-password.ts'
import type { BootstrapToken } from '../tokens.ts'
import { agentToken, bootstrapManifest, bootstrapToken, serverToken } from '../tokens.ts'
import type { StateDocument } from './state-file.ts'

/** The names are the contract of StateReference. */
export const stateValue = (state: StateDocument, name: string): string => {
  if (name === 'pki/service.key') return state.pki.serviceKey
  const [, ca, part] = /^pki\/(.+)\.(crt|key)$/.exec(name) ?? []
  if (ca !== undefined && isCertificateAuthority(ca))
    return part === 'crt' ? state.pki.authorities[ca].crt : state.pki.authorities[ca].key
  if (name === 'token/server') return serverToken(state)
  if (name === 'token/agent') return agentToken(state)
  const [, joiner] = /^token\/bootstrap\/(.+)$/.exec(name) ?? []
  if (joiner !== undefined) return bootstrapToken(state, ownToken(state, joiner))
  const [, described] = /^bootstrap-token\/(.+)\.yaml$/.exec(name) ?? []
  if (described !== undefined) return bootstrapManifest(ownToken(state, described))
  const [, node] = /^node-password\/(.+)$/.exec(name) ?? []
  if (node !== undefined) return `${nodePassword(state.clusterSecret, node)}\n`
  throw new EnvironmentFault(
    `the plan asks for ${name}, which a cluster state does not hold`,
    'use the same version of appliance for the plan and the build',
  )
}

/** `openState` makes what the plan's nodes ask for: a missing one is our fault. */
const ownToken = (state: StateDocument, node: string): BootstrapToken => {
  const token = state.bootstrapTokens.find((candidate) => candidate.node === node)
  if (token === undefined) throw new Error(`the state has no bootstrap token of ${node}`)
  return token
}

const isCertificateAuthority = (name: string): name is CertificateAuthority =>
  (certificateAuthorities as readonly string[]).includes(name)
