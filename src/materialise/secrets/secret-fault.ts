import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { ProfileSecret, SecretSource } from '../../plan/build-plan.ts'

/** What reads of one kind of source need. */
export interface SourceContext {
  readonly host: Host
  /** Folder of the profile: paths are relative to it, programs are started in it. */
  readonly folder: string
}

/** Where the profile says a value is found, for messages: `$PROXY_URL`, `the file ./psk`. Never the value. */
export const describeSource = (source: SecretSource): string => {
  if ('env' in source) return `the variable ${source.env}`
  if ('file' in source) return `the file ${source.file}`
  if ('exec' in source) return `the program ${source.exec[0] ?? ''}`
  if ('age' in source) return `the age file ${source.age}`
  if ('sops' in source)
    return source.key === undefined ? `the sops file ${source.sops}` : `${source.key} of ${source.sops}`
  return 'the profile itself'
}

/** `cluster.k3s.config.kubelet-arg[2]` as a path, so that the report shows the line of the profile. */
export const placeOf = (at: string): readonly (string | number)[] =>
  [...at.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([word, index]) => (index === undefined ? word : Number(index)))

/** Why a secret cannot be had: names its place in the profile, never its value. */
export const secretFault = (secret: ProfileSecret, why: string, help: string): EnvironmentFault =>
  new EnvironmentFault(`the secret ${secret.at} cannot be read: ${why}`, help, {
    code: 'B1002',
    at: placeOf(secret.at),
  })
