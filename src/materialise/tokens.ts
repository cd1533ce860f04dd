import { Buffer } from 'node:buffer'
import { stringify } from 'yaml'
import { caHash } from './pki/ca-hash.ts'
import type { StateDocument } from './state/state-file.ts'

/** What nodes join with (docs.k3s.io/cli/token): the hash pins the cluster's CA, so that a node joins no other cluster. */

type BootstrapTokens = StateDocument['bootstrapTokens']
export type BootstrapToken = BootstrapTokens[number]

/** An agent that joins with a token of its own; ISO 8601 end, or null for none. */
export interface BootstrapRequest {
  readonly node: string
  readonly expires: string | null
}

/** k3s trims the newline of a token file. */
const secureToken = ({ pki }: Pick<StateDocument, 'pki'>, credentials: string): string =>
  `K10${caHash(pki.authorities['server-ca'].crt)}::${credentials}\n`

export const serverToken = (state: Pick<StateDocument, 'pki' | 'tokens'>): string =>
  secureToken(state, `server:${state.tokens.server}`)

export const agentToken = (state: Pick<StateDocument, 'pki' | 'tokens'>): string =>
  secureToken(state, `node:${state.tokens.agent}`)

export const bootstrapToken = (
  state: Pick<StateDocument, 'pki'>,
  { id, secret }: Pick<BootstrapToken, 'id' | 'secret'>,
): string => secureToken(state, `${id}.${secret}`)

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Each letter equally likely: bytes beyond the last whole multiple of their number are left out. */
const randomText = (length: number, randomBytes: (length: number) => Uint8Array): string => {
  const limit = 256 - (256 % letters.length)
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < limit && text.length < length) text += letters[byte % letters.length] ?? ''
    }
  }
  return text
}

/**
 * Exactly the tokens that are asked for. One that was made before keeps id and secret, also under a new end, so that its
 * card goes on working; one that is no longer asked for is forgotten, which is how a node gets a new one.
 */
export const withBootstrapTokens = (
  kept: BootstrapTokens,
  requests: readonly BootstrapRequest[],
  randomBytes: (length: number) => Uint8Array,
): BootstrapTokens => {
  const ids = new Set(kept.map(({ id }) => id))
  const newId = (): string => {
    const id = randomText(6, randomBytes)
    if (ids.has(id)) return newId()
    ids.add(id)
    return id
  }
  return requests.map(({ node, expires }) => {
    const known = kept.find((token) => token.node === node)
    return known === undefined
      ? { node, id: newId(), secret: randomText(16, randomBytes), expires }
      : { ...known, expires }
  })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/**
 * The Secret by which Kubernetes knows a bootstrap token. `data`, since k3s compares what it deploys with what is there;
 * the group is the one that k3s lets agents join under.
 */
export const bootstrapManifest = ({ node, id, secret, expires }: BootstrapToken): string => {
  const data = {
    'token-id': id,
    'token-secret': secret,
    description: `lets ${node} join`,
    ...(expires === null ? {} : { expiration: expires }),
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': 'system:bootstrappers:k3s:default-node-token',
  }
  return stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
  })
}
