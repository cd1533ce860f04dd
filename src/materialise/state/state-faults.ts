import { EnvironmentFault } from '../../diagnostics/fault.ts'

/** Why a state cannot be used. None of them shows anything of its content, and each leaves the file as it is. */

const at = ['cluster', 'state']

const copyHelp =
  'put back a copy of it; without it the keys of this cluster are lost, and only a new cluster can be built (--new-cluster)'

export const damaged = (path: string, why: string): EnvironmentFault =>
  new EnvironmentFault(`the cluster state ${path} is damaged: ${why}`, copyHelp, { code: 'L0105' })

export const otherVersion = (path: string, version: unknown): EnvironmentFault =>
  new EnvironmentFault(
    `the cluster state ${path} is of version ${typeof version === 'number' ? version : 'unknown'}, and this program knows version 1`,
    'use the version of appliance that wrote it, or a newer one',
    { code: 'L0106' },
  )

export const otherCluster = (path: string, found: unknown, wanted: string): EnvironmentFault => {
  const name = typeof found === 'string' && /^[a-z0-9-]{1,63}$/.test(found) ? found : 'no cluster'
  return new EnvironmentFault(
    `the cluster state ${path} belongs to ${name}, not to ${wanted}`,
    'give the profile the old name back, or put the state of this cluster here',
    { code: 'L0108', at: ['cluster', 'name'] },
  )
}

export const readableByOthers = (path: string): EnvironmentFault =>
  new EnvironmentFault(
    `the cluster state ${path} is not encrypted and can be read by others`,
    `chmod 600 ${path}; if somebody may have read it: appliance pki rotate`,
    { code: 'L0107', at },
  )

export const noPassphrase = (path: string): EnvironmentFault =>
  new EnvironmentFault(
    `there is no passphrase for the cluster state ${path}, and no terminal to ask at`,
    'set APPLIANCE_PASSPHRASE, name a file by APPLIANCE_PASSPHRASE_FILE, or name it in the profile: `state: { passphrase: { file: ... } }`',
    { code: 'L0103', at },
  )

export const badPassphrase = (why: string, help: string): EnvironmentFault =>
  new EnvironmentFault(why, help, { code: 'L0103', at })

export const noIdentity = (path: string, why: string): EnvironmentFault =>
  new EnvironmentFault(
    `there is no age identity for the cluster state ${path}: ${why}`,
    'name its file in the profile (`state: { identity: { file: ... } }`) or by APPLIANCE_AGE_IDENTITY_FILE',
    { code: 'L0103', at },
  )

export const wrongPassphrase = (path: string): EnvironmentFault =>
  new EnvironmentFault(
    `the passphrase does not open the cluster state ${path}`,
    'give the passphrase it was encrypted with; nothing was changed',
    { code: 'L0104', at },
  )

export const wrongIdentity = (path: string, count: number): EnvironmentFault =>
  new EnvironmentFault(
    `${count === 1 ? 'the age identity' : `none of the ${count} age identities`} at hand ${count === 1 ? 'does not open' : 'opens'} the cluster state ${path}`,
    'give the identity of one of its recipients; nothing was changed',
    { code: 'L0104', at },
  )

export const lockedOut = (path: string): EnvironmentFault =>
  new EnvironmentFault(
    `the age identity at hand could not open the cluster state ${path} again: it is of none of the recipients`,
    "add its recipient to the profile's list (`age-keygen -y FILE` prints it); nothing was changed",
    { code: 'L0104', at },
  )
