import { resolve } from 'node:path'
import type { Host } from '../../host/host.ts'
import { shortestRedacted } from '../../host/redaction.ts'
import type { ProfileSecret } from '../../plan/build-plan.ts'
import type { ReadSecret } from '../secrets.ts'
import { Secret } from '../secrets.ts'
import { readAge } from './read-age.ts'
import { readSecretFile } from './read-file.ts'
import { readSops } from './read-sops.ts'
import { runForSecret } from './run-source.ts'
import type { SourceContext } from './secret-fault.ts'
import { describeSource, secretFault } from './secret-fault.ts'

/** A reader, and what it has read: the gate looks for it in what was built. */
export interface SecretReader {
  readonly read: ReadSecret
  /** Every value read so far by its place in the profile. */
  readonly known: () => ReadonlyMap<string, Secret>
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const newline = 0x0a
const carriageReturn = 0x0d

/** Editors and programs end their last line; the secret has no such end. */
export const withoutFinalNewline = (bytes: Uint8Array): Uint8Array => {
  if (bytes.at(-1) !== newline) return bytes
  return bytes.subarray(0, bytes.at(-2) === carriageReturn ? -2 : -1)
}

const readVariable = ({ host }: SourceContext, secret: ProfileSecret, name: string): Uint8Array => {
  const value = host.environment[name]
  if (value !== undefined) return encode(value)
  throw secretFault(secret, `the variable ${name} is not set`, `set it: export ${name}=...`)
}

const readSource = async (
  context: SourceContext,
  secret: ProfileSecret,
  literals: ReadonlyMap<string, string>,
): Promise<Uint8Array> => {
  const { source } = secret
  if ('env' in source) return readVariable(context, secret, source.env)
  if ('file' in source) return readSecretFile(context, secret, source.file)
  if ('age' in source) return readAge(context, secret, source.age)
  if ('sops' in source) return encode(await readSops(context, secret, source.sops, source.key))
  if ('exec' in source)
    return encode(await runForSecret(context, secret, source.exec, 'install it, or correct its name'))
  const text = literals.get(secret.at)
  if (text === undefined) throw new Error(`the profile has no value at ${secret.at}`)
  return encode(text)
}

/**
 * Reads the secrets of one profile. Each source is asked once per run, whoever wants it. `literals`: values that stand in the
 * profile itself, by their place.
 */
export const createSecretReader = (
  host: Host,
  profileFolder: string,
  literals: ReadonlyMap<string, string> = new Map(),
): SecretReader => {
  const context: SourceContext = { host, folder: resolve(profileFolder) }
  const bySource = new Map<string, Promise<Secret>>()
  const known = new Map<string, Secret>()

  const load = async (secret: ProfileSecret): Promise<Secret> => {
    const bytes = withoutFinalNewline(await readSource(context, secret, literals))
    if (bytes.every((byte) => byte <= 0x20))
      throw secretFault(secret, `${describeSource(secret.source)} is empty`, 'put the secret there')
    if (bytes.length < shortestRedacted)
      host.report.warn(
        `the secret ${secret.at} has fewer than ${shortestRedacted} characters: output is not searched for it`,
      )
    return new Secret(bytes)
  }

  return {
    read: async (secret) => {
      const key = 'literal' in secret.source ? secret.at : JSON.stringify(secret.source)
      const started = bySource.get(key) ?? load(secret)
      bySource.set(key, started)
      const value = await started
      known.set(secret.at, value)
      return value
    },
    known: () => known,
  }
}
