import { join } from 'node:path'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import type { ClusterPki } from '../pki/cluster-pki.ts'
import type { CertificateAndKey, ClientIdentity } from '../pki/issue.ts'

/** Everything that is made once per cluster and kept. Never printed; never leaves this folder's modules but as Secret. */
export interface StateDocument {
  readonly stateVersion: 1
  readonly cluster: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly pki: ClusterPki
  /** Passwords: 32 hex digits. */
  readonly tokens: { readonly server: string; readonly agent: string }
  /** Agents' own tokens, by node: 6 and 16 lower-case letters and digits; ISO 8601 end, or null for none. */
  readonly bootstrapTokens: readonly {
    readonly node: string
    readonly id: string
    readonly secret: string
    readonly expires: string | null
  }[]
  /** 64 hex digits; node passwords derive from it. */
  readonly clusterSecret: string
  readonly clients: readonly (ClientIdentity & CertificateAndKey)[]
}

const fileName = 'state.json'

export const statePath = (directory: string): string => join(directory, fileName)

const unusable = (path: string, why: string): EnvironmentFault =>
  new EnvironmentFault(
    `the cluster state ${path} ${why}`,
    'put back a copy of it; without it the keys of this cluster are lost. Only for a new cluster: remove the file',
  )

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPair = (value: unknown): boolean =>
  isRecord(value) && typeof value['crt'] === 'string' && typeof value['key'] === 'string'

const isHex = (value: unknown, digits: number): boolean =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/.test(value)

const isStateDocument = (value: Readonly<Record<string, unknown>>): boolean => {
  const { pki, tokens, clients } = value
  const authorities = isRecord(pki) ? pki['authorities'] : undefined
  return (
    isRecord(pki) &&
    isRecord(authorities) &&
    certificateAuthorities.every((name) => isPair(authorities[name])) &&
    typeof pki['serviceKey'] === 'string' &&
    Array.isArray(value['bootstrapTokens']) &&
    isRecord(tokens) &&
    isHex(tokens['server'], 32) &&
    isHex(tokens['agent'], 32) &&
    isHex(value['clusterSecret'], 64) &&
    Array.isArray(clients) &&
    clients.every(isPair)
  )
}

/** Undefined when there is no state yet. Its content never appears in a fault. */
export const readState = async (
  host: Host,
  directory: string,
  cluster: string,
): Promise<StateDocument | undefined> => {
  const path = statePath(directory)
  const text = await host.files.readText(path)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unusable(path, 'is damaged: it is not JSON')
  }
  if (!isRecord(value)) throw unusable(path, 'is damaged: it is not an object')
  if (value['stateVersion'] !== 1) throw unusable(path, 'is of a version this program does not know')
  if (value['cluster'] !== cluster) throw unusable(path, `belongs to another cluster than ${cluster}`)
  if (!isStateDocument(value))
    throw unusable(path, 'is damaged: a key, certificate or token is missing in it')
  const stat = await host.files.stat(path)
  if (stat !== undefined && (stat.mode & 0o077) !== 0) {
    host.report.warn(`${path} holds keys and can be read by others: chmod 600 it`)
  }
  return value as unknown as StateDocument
}

export const writeState = async (host: Host, directory: string, state: StateDocument): Promise<void> => {
  await host.files.writeAtomic(statePath(directory), `${JSON.stringify(state, null, 1)}\n`, {
    mode: 0o600,
    durable: true,
  })
}
