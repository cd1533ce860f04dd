import type { WritableRoot } from './owned-paths.ts'

/** What would install something. */
const installing: readonly string[] = [
  'packages',
  'package_update',
  'package_upgrade',
  'package_reboot_if_required',
  'apt',
  'snap',
  'apt_pipelining',
]

/**
 * Keys of cloud-config that people know, and why none of our images reads them: what belongs to the profile, to the base
 * or to the tool has one owner (docs.cloud-init.io, "Module reference", 25.1).
 */
const reasons: readonly { readonly keys: readonly string[]; readonly help: string }[] = [
  { keys: ['timezone'], help: 'set `site.timezone` in the profile' },
  { keys: ['ntp'], help: 'list time servers under `site.ntp` in the profile' },
  {
    keys: [
      'hostname',
      'fqdn',
      'prefer_fqdn_over_hostname',
      'preserve_hostname',
      'create_hostname_file',
      'manage_etc_hosts',
    ],
    help: 'a node is called as `nodes[].name` in the profile says',
  },
  { keys: ['network'], help: 'set the network under `nodes[].network` in the profile' },
  {
    keys: ['ssh_authorized_keys', 'ssh_import_id', 'user', 'disable_root'],
    help: 'list people and their public keys under `access.users` in the profile, or under `users`',
  },
  {
    keys: ['password', 'chpasswd', 'ssh_pwauth'],
    help: 'there are no passwords for ssh; for the console give a user of `users` a `hashed_passwd`',
  },
  {
    keys: ['ssh_keys', 'ssh_deletekeys', 'ssh_genkeytypes', 'ssh_publish_hostkeys'],
    help: 'the host key is made on the node at its first start, and stays',
  },
  {
    keys: installing,
    help: 'the root file system is read-only: list packages under `base.packages` in the profile',
  },
  {
    keys: ['mounts', 'fs_setup', 'disk_setup', 'swap', 'growpart', 'resize_rootfs', 'device_aliases'],
    help: 'disks of the image are its own; for a further disk write a systemd mount unit by `write_files`',
  },
  { keys: ['ca_certs', 'ca-certs'], help: '/usr, where it would put them, is read-only' },
  { keys: ['locale', 'keyboard', 'rsyslog', 'fan'], help: 'the base has nothing that it could set' },
  { keys: ['enable_ssh', 'ssh'], help: 'people of `access.users` come in by ssh on every node: remove it' },
  { keys: ['rpi'], help: 'for Raspberry Pis see `pi` in the profile' },
  {
    keys: [
      ...[
        'ansible',
        'autoinstall',
        'byobu_by_default',
        'chef',
        'drivers',
        'landscape',
        'lxd',
        'manage_resolv_conf',
      ],
      ...[
        'mcollective',
        'puppet',
        'random_seed',
        'resolv_conf',
        'rh_subscription',
        'salt_minion',
        'spacewalk',
      ],
      ...[
        'swap',
        'ubuntu_advantage',
        'ubuntu_autoinstall',
        'ubuntu_pro',
        'updates',
        'wireguard',
        'yum_repos',
        'zypper',
      ],
      ...[
        'no_ssh_fingerprints',
        'ssh_quiet_keygen',
        'allow_public_ssh_keys',
        'authkey_hash',
        'ssh_fp_console_blacklist',
      ],
    ],
    help: 'only the keys of docs/user-data.md are read; much can be done by `write_files` and `runcmd`',
  },
  { keys: ['power_state', 'phone_home'], help: 'a node that has started is there to stay; use `runcmd`' },
  {
    keys: [
      'cloud_init_modules',
      'cloud_config_modules',
      'cloud_final_modules',
      'datasource',
      'datasource_list',
      'merge_how',
      'merge_type',
      'output',
      'system_info',
      'vendor_data',
    ],
    help: 'how cloud-init runs is settled by the image',
  },
]

/** Of an image of the user's, in which nothing is installed, other things are true. */
const imageReasons: typeof reasons = [
  {
    keys: installing,
    help: 'a node need not reach the internet: install what it needs in the image itself',
  },
  {
    keys: ['locale', 'keyboard', 'rsyslog', 'fan', 'ca_certs', 'ca-certs', 'rpi'],
    help: 'set it in the image itself, or by `write_files` and `runcmd`',
  },
]

/** What to do instead of a known key that is not ours to read; undefined for keys that nobody knows. */
export const foreignKeyHelp = (key: string, root: WritableRoot = 'data'): string | undefined =>
  [...(root === 'whole' ? imageReasons : []), ...reasons].find(({ keys }) => keys.includes(key))?.help
