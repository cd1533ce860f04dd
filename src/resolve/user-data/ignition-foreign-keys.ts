import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { ignitionKey } from './ignition-schema.ts'

const noNetwork = 'a node has no network when Ignition works: put the text itself under `contents.inline`'
const disks = 'disks of the image are its own; for a further disk write a mount unit under `systemd.units`'
const whole = 'write everything into the file itself, or list several files under `userData`'

/** Keys of Ignition and Butane, by the section that they stand in, and what to do instead. */
const reasons: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    kernelArguments:
      'the kernel command line belongs to the image; for Raspberry Pis see `pi.cmdline` in the profile',
    bootDevice: disks,
    grub: 'there is no GRUB in the image',
    ignition: whole,
  },
  ignition: {
    config: whole,
    timeouts: 'nothing is fetched: remove it',
    security: 'nothing is fetched: remove it',
    proxy: 'nothing is fetched: remove it; proxies of the node go under `site.proxy` in the profile',
  },
  storage: {
    disks,
    raid: disks,
    filesystems: disks,
    luks: disks,
    trees: 'list its files under `storage.files`',
  },
  files: { append: 'write the whole file; many programs read a folder of settings beside their own file' },
  contents: {
    local: 'the file must be whole when it is locked: put the text under `contents.inline`',
    inline: 'Ignition knows no `inline`: write Butane (`variant: fcos`), or a `data:` URL under `source`',
    httpHeaders: noNetwork,
  },
  verification: { hash: 'the content stands beside it: remove the hash' },
  users: {
    shouldExist:
      'nobody is taken away: users of the base belong to it, and the others are not made when nobody names them',
    sshAuthorizedKeysLocal: 'put the public keys under `ssh_authorized_keys`',
  },
  groups: {
    shouldExist: 'nothing is taken away: leave the group out',
    passwordHash: 'groups have no passwords',
  },
  units: { contentsLocal: 'put the unit itself under `contents`' },
  dropins: { contentsLocal: 'put the settings themselves under `contents`' },
}

export const noNetworkHelp = noNetwork

/** What to do instead of a known key that Ignition cannot follow on a node; undefined for keys that nobody knows. */
export const ignitionKeyHelp = (parent: Path, key: string): string | undefined => {
  const section = parent.findLast((step) => typeof step === 'string') ?? ''
  return reasons[String(section)]?.[ignitionKey(key)]
}
