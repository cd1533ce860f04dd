import { certificateAuthorities } from '../../plan/build-plan.ts'
import type { ClusterPki } from '../pki/cluster-pki.ts'
import type { CertificateAndKey, ClientIdentity } from '../pki/issue.ts'
import { damaged, otherCluster, otherVersion } from './state-faults.ts'

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
  /** One for each user; as long as was asked for, which its end may not tell. */
  readonly clients: readonly (ClientIdentity & CertificateAndKey & { readonly lifetimeDays: number })[]
  /** Fingerprints this cluster had before its certificates were renewed or rotated: a lock that names one is of this cluster. */
  readonly formerFingerprints?: readonly string[]
}

/** The document, and whom it is encrypted to: age's header does not tell. */
export interface StateContent {
  readonly document: StateDocument
  readonly recipients: readonly string[]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPair = (value: unknown): boolean =>
  isRecord(value) && typeof value['crt'] === 'string' && typeof value['key'] === 'string'

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** A password as k3s takes it; ours are 32 hex digits, an imported cluster's are whatever it was started with. */
export const isPassword = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !/^K10|::|[\r\n]/.test(value)

const isBootstrapToken = (value: unknown): boolean =>
  isRecord(value) && ['node', 'id', 'secret'].every((key) => typeof value[key] === 'string')

const isStateDocument = (value: Readonly<Record<string, unknown>>): boolean => {
  const { pki, tokens, clients } = value
  const authorities = isRecord(pki) ? pki['authorities'] : undefined
  return (
    typeof value['created'] === 'string' &&
    isRecord(pki) &&
    isRecord(authorities) &&
    certificateAuthorities.every((name) => isPair(authorities[name])) &&
    typeof pki['serviceKey'] === 'string' &&
    Array.isArray(value['bootstrapTokens']) &&
    value['bootstrapTokens'].every(isBootstrapToken) &&
    isRecord(tokens) &&
    isPassword(tokens['server']) &&
    isPassword(tokens['agent']) &&
    typeof value['clusterSecret'] === 'string' &&
    /^[0-9a-f]{64}$/.test(value['clusterSecret']) &&
    Array.isArray(clients) &&
    clients.every((client) => isPair(client) && isTexts(client['groups'])) &&
    (value['formerFingerprints'] === undefined || isTexts(value['formerFingerprints']))
  )
}

/** `path` is for faults, which show nothing of the text. */
export const parseState = (text: string, path: string, cluster: string): StateContent => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged(path, 'it is not JSON')
  }
  if (!isRecord(value)) throw damaged(path, 'it is not an object')
  if (value['stateVersion'] !== 1) throw otherVersion(path, value['stateVersion'])
  if (value['cluster'] !== cluster) throw otherCluster(path, value['cluster'], cluster)
  const { recipients, ...document } = value
  if (!isStateDocument(document)) throw damaged(path, 'a key, certificate or token is missing in it')
  return {
    document: document as unknown as StateDocument,
    recipients: isTexts(recipients) ? recipients : [],
  }
}

export const printState = ({ document, recipients }: StateContent): string =>
  `${JSON.stringify(recipients.length === 0 ? document : { ...document, recipients }, null, 1)}\n`
