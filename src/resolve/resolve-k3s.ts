import type { EffectiveNode } from '../profile/effective-node.ts'
import type { CheckedProfile } from '../profile/validate.ts'
import type { K3sTables } from '../recipes/k3s-tables.ts'
import { resolveConfig } from './resolve-secrets.ts'

type Settings = Readonly<Record<string, unknown>>

/** The user's keys of config.yaml, with a SecretValue in the place of each secret. */
export interface ResolvedK3sSettings {
  readonly config: Settings
  readonly agentConfig: Settings
  readonly ofNode: (node: EffectiveNode) => Settings
}

const filter = (settings: Settings, keep: (name: string) => boolean): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => keep(name)))

/** Keys of `agentConfig` that servers do not know become keys of each agent. */
export const resolveK3sSettings = (
  { profile, literals }: Pick<CheckedProfile, 'profile' | 'literals'>,
  { keys }: K3sTables,
): ResolvedK3sSettings => {
  const { config, agentConfig } = profile.cluster.k3s
  const common = resolveConfig(['cluster', 'k3s', 'agentConfig'], agentConfig, literals)
  const isAgentOnly = (name: string): boolean => keys.get(name)?.on === 'agent'
  return {
    config: resolveConfig(['cluster', 'k3s', 'config'], config, literals),
    agentConfig: filter(common, (name) => !isAgentOnly(name)),
    ofNode: ({ index, role, k3s }) => ({
      ...(role === 'agent' ? filter(common, isAgentOnly) : {}),
      ...resolveConfig(['nodes', index, 'k3s'], k3s, literals),
    }),
  }
}
