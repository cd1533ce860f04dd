import { isAbsolute, join } from 'node:path'
import type { ProfileSecret } from '../../plan/build-plan.ts'
import type { SourceContext } from './secret-fault.ts'
import { secretFault } from './secret-fault.ts'

/** Far beyond any secret; keeps an image given by mistake from filling memory. */
const mostBytes = 1024 * 1024

/** `~/x` is in the user's home, `./x` beside the profile. */
export const secretPath = ({ host, folder }: SourceContext, path: string): string => {
  if (path.startsWith('~/')) return join(host.environment['HOME'] ?? '/', path.slice(2))
  return isAbsolute(path) ? path : join(folder, path)
}

const reasons: Readonly<Record<string, readonly [why: string, help: string]>> = {
  EACCES: [
    'may not be read by you',
    'change its owner or mode (chmod 600, chown), or build as who may read it',
  ],
  EISDIR: ['is a folder', 'give the path of a file'],
}

/** The bytes of a secret's file, or a fault that names the place in the profile. */
export const readSecretFile = async (
  context: SourceContext,
  secret: ProfileSecret,
  path: string,
): Promise<Uint8Array> => {
  const { files } = context.host
  const full = secretPath(context, path)
  const stat = await files.stat(full).catch(() => undefined)
  if (stat !== undefined && stat.sizeBytes > mostBytes)
    throw secretFault(secret, `${full} has ${stat.sizeBytes} bytes, which is no secret`, 'check the path')
  try {
    const bytes = await files.readBytes(full)
    if (bytes !== undefined) return bytes
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    const [why, help] = reasons[code] ?? [`cannot be read (${code})`, 'check the path and who may read it']
    throw secretFault(secret, `${full} ${why}`, help)
  }
  throw secretFault(
    secret,
    `there is no file ${full}`,
    'write the secret into it (mode 0600), or correct the path; it is relative to the profile',
  )
}
