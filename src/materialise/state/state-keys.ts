import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { StateProtection } from '../../plan/build-plan.ts'
import { parseIdentities, readIdentities } from '../secrets/age-identities.ts'
import type { ReadSecret } from '../secrets.ts'
import { Secret } from '../secrets.ts'
import { badPassphrase, noIdentity, noPassphrase } from './state-faults.ts'

/** Asks at the terminal, without echo; `twice` for a new secret. */
export type AskSecret = (
  question: string,
  options: { readonly twice: boolean; readonly signal: AbortSignal },
) => Promise<Secret>

/** What opens a state, found when it is needed: an unencrypted one asks for nothing. */
export interface StateKeys {
  /** `new`: for a file that is about to be encrypted; asked for twice at a terminal. */
  readonly passphrase: (purpose: 'open' | 'new') => Promise<Secret>
  readonly identities: () => Promise<readonly Secret[]>
}

export interface KeyContext {
  readonly readSecret: ReadSecret
  /** Folder of the profile. */
  readonly profileDirectory: string
  /** Null where nobody can be asked. */
  readonly ask: AskSecret | null
}

/** What can be guessed by trying (age: at least 8 to 10 random letters). */
const shortestPassphrase = 8

const checkNew = (passphrase: Secret): Secret => {
  if ([...new TextDecoder().decode(passphrase.reveal())].length >= shortestPassphrase) return passphrase
  throw badPassphrase(
    `the new passphrase has fewer than ${shortestPassphrase} characters`,
    'take four or more random words: whoever gets a copy of the state can try as often as they like',
  )
}

const usable = (text: string, where: string): Secret => {
  const passphrase = text.replace(/\r?\n$/, '')
  if (passphrase.trim() !== '') return new Secret(passphrase)
  throw badPassphrase(`the passphrase in ${where} is empty`, 'put the passphrase there')
}

const fromFile = async (host: Host, path: string): Promise<Secret> => {
  const text = await host.files.readText(path).catch(() => undefined)
  if (text !== undefined) return usable(text, path)
  throw badPassphrase(
    `APPLIANCE_PASSPHRASE_FILE names ${path}, which cannot be read`,
    'correct the path, or write the passphrase into it (mode 0600)',
  )
}

/** The files that serve for the profile's other age secrets, too. */
const usualIdentities = async (host: Host, folder: string, path: string): Promise<readonly Secret[]> => {
  const place = { at: 'cluster.state.identity', source: { env: 'APPLIANCE_AGE_IDENTITY_FILE' } }
  try {
    return await readIdentities({ host, folder }, place)
  } catch (fault) {
    if (!(fault instanceof EnvironmentFault)) throw fault
    throw noIdentity(path, fault.message.replace(/^.* cannot be read: /, ''))
  }
}

/** The profile's own reference, else $APPLIANCE_PASSPHRASE, else the file of $APPLIANCE_PASSPHRASE_FILE, else the terminal. */
export const createStateKeys = (
  host: Host,
  protection: StateProtection,
  path: string,
  { readSecret, profileDirectory, ask }: KeyContext,
): StateKeys => {
  let known: Promise<Secret> | undefined
  const find = async (purpose: 'open' | 'new'): Promise<Secret> => {
    if (protection.kind === 'passphrase' && protection.passphrase !== null)
      return readSecret(protection.passphrase)
    const { APPLIANCE_PASSPHRASE: value, APPLIANCE_PASSPHRASE_FILE: file } = host.environment
    if (value !== undefined && value !== '') return usable(value, 'APPLIANCE_PASSPHRASE')
    if (file !== undefined && file !== '') return fromFile(host, file)
    if (ask === null) throw noPassphrase(path)
    const question = purpose === 'new' ? `new passphrase for ${path}` : `passphrase of ${path}`
    return ask(question, { twice: purpose === 'new', signal: host.signal })
  }
  return {
    passphrase: async (purpose) => {
      known ??= find(purpose)
      return purpose === 'new' ? checkNew(await known) : known
    },
    identities: async () => {
      const own = protection.kind === 'recipients' ? protection.identity : null
      const found =
        own === null
          ? await usualIdentities(host, profileDirectory, path)
          : parseIdentities(new TextDecoder().decode((await readSecret(own)).reveal()))
      if (found.length === 0)
        throw noIdentity(path, 'what cluster.state.identity names holds no line AGE-SECRET-KEY-1...')
      return found
    },
  }
}
