import { join } from 'node:path'
import type { ProfileSecret } from '../../plan/build-plan.ts'
import { Secret } from '../secrets.ts'
import { readSecretFile, secretPath } from './read-file.ts'
import type { SourceContext } from './secret-fault.ts'
import { secretFault } from './secret-fault.ts'

const identityLine = /^AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]+$/

/** The file of `$APPLIANCE_AGE_IDENTITY_FILE`, else of `$SOPS_AGE_KEY_FILE`, else where sops and age keep theirs. */
const identityFiles = ({
  host,
}: SourceContext): { readonly named: string | undefined; readonly usual: readonly string[] } => {
  const { environment } = host
  const config = environment['XDG_CONFIG_HOME'] || join(environment['HOME'] ?? '/', '.config')
  return {
    named: environment['APPLIANCE_AGE_IDENTITY_FILE'] || environment['SOPS_AGE_KEY_FILE'] || undefined,
    usual: [join(config, 'sops/age/keys.txt'), join(config, 'age/keys.txt')],
  }
}

const newIdentity =
  'name the file with the line AGE-SECRET-KEY-1... by APPLIANCE_AGE_IDENTITY_FILE (`age-keygen -o FILE` makes one)'

/** Every identity in a file: one a line; empty lines and comments are passed over, as age does. */
export const parseIdentities = (text: string): readonly Secret[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => identityLine.test(line))
    .map((line) => new Secret(line))

/** The identities to open the profile's age files with. */
export const readIdentities = async (
  context: SourceContext,
  secret: ProfileSecret,
): Promise<readonly Secret[]> => {
  const { files } = context.host
  const { named, usual } = identityFiles(context)
  const present = await Promise.all(usual.map((path) => files.stat(path).catch(() => undefined)))
  const paths =
    named === undefined ? usual.filter((_, index) => present[index]?.isFile) : [secretPath(context, named)]
  if (paths.length === 0)
    throw secretFault(secret, `there is no age identity (looked for ${usual.join(' and ')})`, newIdentity)
  const found: Secret[] = []
  for (const path of paths) {
    const text = new TextDecoder().decode(await readSecretFile(context, secret, path))
    found.push(...parseIdentities(text))
  }
  if (found.length === 0)
    throw secretFault(secret, `${paths.join(' and ')} holds no line AGE-SECRET-KEY-1...`, newIdentity)
  return found
}
