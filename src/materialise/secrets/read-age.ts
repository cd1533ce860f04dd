import type { ProfileSecret } from '../../plan/build-plan.ts'
import { unarmored } from '../state/seal.ts'
import { readIdentities } from './age-identities.ts'
import { readSecretFile } from './read-file.ts'
import type { SourceContext } from './secret-fault.ts'
import { secretFault } from './secret-fault.ts'

/** Opens an age file, armored or binary, with the identities of whoever builds. */
export const readAge = async (
  context: SourceContext,
  secret: ProfileSecret,
  path: string,
): Promise<Uint8Array> => {
  const binary = await unarmored(await readSecretFile(context, secret, path))
  if (binary === undefined)
    throw secretFault(
      secret,
      `${path} is no age file, or cut short`,
      'encrypt it: `age -r RECIPIENT -o FILE.age FILE`',
    )
  const identities = await readIdentities(context, secret)
  // Loaded by the first age file: most profiles have none.
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  try {
    return await decrypter.decrypt(binary)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw secretFault(
      secret,
      /no identity matched/.test(reason)
        ? `${path} is encrypted for none of your ${identities.length} age identities`
        : `${path} cannot be decrypted (${reason})`,
      /no identity matched/.test(reason)
        ? 'encrypt it anew for your recipient, or name the right identity by APPLIANCE_AGE_IDENTITY_FILE'
        : 'the file is damaged; encrypt it anew or take a good copy',
    )
  }
}
