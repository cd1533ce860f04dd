import type { ProfileSecret } from '../../plan/build-plan.ts'
import { unarmored, unseal } from '../age-file.ts'
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
  const opened = await unseal(binary, { kind: 'recipients', identities })
  if (opened.content !== undefined) return opened.content
  throw opened.fault === 'wrong-keys'
    ? secretFault(
        secret,
        `${path} is encrypted for none of your ${identities.length} age identities`,
        'encrypt it anew for your recipient, or name the right identity by APPLIANCE_AGE_IDENTITY_FILE',
      )
    : secretFault(
        secret,
        `${path} cannot be decrypted (${opened.reason})`,
        'the file is damaged; encrypt it anew or take a good copy',
      )
}
