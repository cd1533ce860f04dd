import type { Secret } from './secrets.ts'

/** How a file of age is encrypted; age never mixes the two. */
export type SealKind = 'passphrase' | 'recipients'

export type SealKeys =
  | { readonly kind: 'passphrase'; readonly passphrase: Secret }
  | { readonly kind: 'recipients'; readonly recipients: readonly string[] }

export type OpeningKeys =
  | { readonly kind: 'passphrase'; readonly passphrase: Secret }
  | { readonly kind: 'recipients'; readonly identities: readonly Secret[] }

/** Text that a file of age begins with (age-encryption.org/v1), and its form for text channels. */
const binaryStart = 'age-encryption.org/v1\n'
const armorStart = '-----BEGIN AGE ENCRYPTED FILE-----'

/** A state is needed at every build; the library only where one is encrypted. */
const age = () => import('age-encryption')

const textOf = (secret: Secret): string => new TextDecoder().decode(secret.reveal())

/** Armored: it survives mail, copy and paste, and a terminal shows at once what it is. Work factor: age's own, 2^18. */
export const seal = async (text: string, keys: SealKeys): Promise<string> => {
  const { armor, Encrypter } = await age()
  const encrypter = new Encrypter()
  if (keys.kind === 'passphrase') encrypter.setPassphrase(textOf(keys.passphrase))
  else for (const recipient of keys.recipients) encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(text))
}

/** The bytes of an age file, armored or not; undefined when it is none, or cut short. */
export const unarmored = async (bytes: Uint8Array): Promise<Uint8Array | undefined> => {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 256)).trimStart()
  if (start.startsWith(binaryStart)) return bytes
  if (!start.startsWith(armorStart)) return undefined
  const { armor } = await age()
  try {
    return armor.decode(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

/** From the clear header: lines `-> scrypt ...` or `-> X25519 ...` before the line `---`. */
export const sealKindOf = (binary: Uint8Array): SealKind | undefined => {
  const header = new TextDecoder('latin1').decode(binary.subarray(0, 64 * 1024)).split('\n---')[0] ?? ''
  if (!header.startsWith(binaryStart)) return undefined
  if (/^-> scrypt /m.test(header)) return 'passphrase'
  return /^-> \S/m.test(header) ? 'recipients' : undefined
}

/** What was in the file; or that nothing given fits, or that it is not whole, with the library's words. */
export type Unsealed =
  | { readonly content: Uint8Array }
  | { readonly content: undefined; readonly fault: 'wrong-keys' | 'damaged'; readonly reason: string }

export const unseal = async (binary: Uint8Array, keys: OpeningKeys): Promise<Unsealed> => {
  const { Decrypter } = await age()
  const decrypter = new Decrypter()
  if (keys.kind === 'passphrase') decrypter.addPassphrase(textOf(keys.passphrase))
  else for (const identity of keys.identities) decrypter.addIdentity(textOf(identity))
  try {
    return { content: await decrypter.decrypt(binary) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    // The only words the library has for it; everything else is about the form of the file.
    const fault = reason.includes('no identity matched') ? 'wrong-keys' : 'damaged'
    return { content: undefined, fault, reason }
  }
}
