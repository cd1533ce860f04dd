import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { registerSecret } from '../../host/redaction.ts'
import type { Materials } from '../../materialise/materials.ts'
import { composeSecret } from '../../materialise/secrets/compose.ts'
import type { Secret } from '../../materialise/secrets.ts'
import { stateSecrets } from '../../materialise/state/state-secrets.ts'
import type { BuildPlan, FileContent, NodePlan, ProfileSecret } from '../../plan/build-plan.ts'

/** A secret of this build: the names it goes by (one value may serve in two places), and the value. */
export interface KnownSecret {
  readonly names: ReadonlySet<string>
  readonly value: Uint8Array
}

export interface KnownSecrets {
  readonly secrets: readonly KnownSecret[]
  /** Tells sets of secrets apart and nothing of the values: a hash keyed by one of them. */
  readonly id: string
}

const profileName = (at: string): string => `the profile's ${at}`

const secretsOf = (content: FileContent): readonly ProfileSecret[] =>
  content.kind === 'composed'
    ? content.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.secret]))
    : []

/** Names of the secrets that a planned file may hold. */
export const allowedNames = (content: FileContent): ReadonlySet<string> => {
  if (content.kind === 'state') {
    const [, node] = /^bootstrap-token\/(.+)\.yaml$/.exec(content.reference.name) ?? []
    return new Set([node === undefined ? content.reference.name : `token/bootstrap/${node}`])
  }
  return new Set(secretsOf(content).map(({ at }) => profileName(at)))
}

/** Reads what these nodes need of the profile's secrets: each is found and fits its place, or the build ends. */
export const readProfileSecrets = async (
  secrets: Materials['secrets'],
  nodes: readonly NodePlan[],
): Promise<ReadonlyMap<string, Secret>> => {
  for (const { seed } of nodes) {
    for (const { content } of [...seed.install, ...seed.documents, ...seed.files]) {
      if (content.kind === 'composed') await composeSecret(content.parts, secrets.read)
    }
  }
  return secrets.known()
}

/** Every secret that this build knows: of the state for all nodes, of the profile what was read. */
export const knownSecrets = async (
  plan: BuildPlan,
  nodes: readonly NodePlan[],
  materials: Materials,
): Promise<KnownSecrets> => {
  const document = materials.state.document()
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
  const named = [
    ...stateSecrets(
      document,
      plan.nodes.map(({ name }) => name),
    ).map(({ name, value }) => ({
      name,
      value: encode(value),
    })),
    ...[...(await readProfileSecrets(materials.secrets, nodes))].map(([at, secret]) => ({
      name: profileName(at),
      value: secret.reveal(),
    })),
  ]
  const byValue = new Map<string, { names: Set<string>; value: Uint8Array }>()
  for (const { name, value } of named) {
    // Values that this build has no other use for are not printed either.
    registerSecret(value)
    const key = Buffer.from(value).toString('latin1').trim()
    const same = byValue.get(key)
    if (same === undefined) byValue.set(key, { names: new Set([name]), value })
    else same.names.add(name)
  }
  const hash = createHmac('sha256', Buffer.from(document.clusterSecret, 'hex')).update('secret-gate 1')
  for (const key of [...byValue.keys()].sort()) hash.update(`\n${key.length}\n${key}`, 'latin1')
  return { secrets: [...byValue.values()], id: hash.digest('hex') }
}
