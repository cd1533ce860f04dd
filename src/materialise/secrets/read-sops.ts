import type { ProfileSecret } from '../../plan/build-plan.ts'
import { secretPath } from './read-file.ts'
import { runForSecret } from './run-source.ts'
import type { SourceContext } from './secret-fault.ts'

/** `registry.users.0` -> `["registry"]["users"][0]`, the form of `sops decrypt --extract`. */
export const extractPath = (key: string): string =>
  key
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `[${JSON.stringify(part)}]`))
    .join('')

const missing =
  'install sops 3.9 or later from https://github.com/getsops/sops/releases and make sure that PATH reaches it'

/** By the program itself: it knows the key services that a file may be encrypted for. */
export const readSops = (
  context: SourceContext,
  secret: ProfileSecret,
  path: string,
  key: string | undefined,
): Promise<string> => {
  const extract = key === undefined ? [] : ['--extract', extractPath(key)]
  return runForSecret(context, secret, ['sops', 'decrypt', ...extract, secretPath(context, path)], missing)
}
