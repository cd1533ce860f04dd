import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { CertificateAuthority } from '../../plan/build-plan.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { nodePassword } from '../node-password.ts'
import { caHash } from '../pki/ca-hash.ts'
import type { StateDocument } from './state-file.ts'

/** The names are the contract of StateReference. */
export const stateValue = (state: StateDocument, name: string): string => {
  if (name === 'pki/service.key') return state.pki.serviceKey
  const [, ca, part] = /^pki\/(.+)\.(crt|key)$/.exec(name) ?? []
  if (ca !== undefined && isCertificateAuthority(ca))
    return part === 'crt' ? state.pki.authorities[ca].crt : state.pki.authorities[ca].key
  const hash = caHash(state.pki.authorities['server-ca'].crt)
  if (name === 'token/server') return `K10${hash}::server:${state.tokens.server}\n`
  if (name === 'token/agent') return `K10${hash}::node:${state.tokens.agent}\n`
  const [, node] = /^node-password\/(.+)$/.exec(name) ?? []
  if (node !== undefined) return `${nodePassword(state.clusterSecret, node)}\n`
  throw new EnvironmentFault(
    `the plan asks for ${name}, which a cluster state does not hold`,
    'use the same version of appliance for the plan and the build',
  )
}

const isCertificateAuthority = (name: string): name is CertificateAuthority =>
  (certificateAuthorities as readonly string[]).includes(name)
