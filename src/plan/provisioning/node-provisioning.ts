import type { ResolvedProfile, ResolvedUser } from '../../resolve/resolved-profile.ts'
import type { ProvisionedUser, Provisioning } from './provisioning.ts'

const user = ({ name, sshKeys, sudo }: ResolvedUser): ProvisionedUser => ({
  name,
  sshKeys,
  groups: sudo ? ['sudo', 'adm', 'systemd-journal'] : [],
  shell: '/bin/bash',
  sudo: sudo ? 'ALL=(ALL) NOPASSWD:ALL' : null,
})

/**
 * On a base of our own: people and the time zone. Everything else is in the image already, or placed from the seed, so that
 * neither systemd nor k3s waits for the front end.
 */
export const planNodeProvisioning = (profile: ResolvedProfile): Provisioning => ({
  hostname: null,
  network: null,
  kernelArguments: { present: [], absent: [] },
  rootSize: 'as-it-is',
  timezone: profile.site.timezone,
  groups: [],
  users: profile.access.users.map(user),
  directories: [],
  files: [],
  links: [],
  units: [],
  commands: [],
})
