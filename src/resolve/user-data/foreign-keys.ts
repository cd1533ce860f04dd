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
    keys: [
      'packages',
      'package_update',
      'package_upgrade',
      'package_reboot_if_required',
      'apt',
      'snap',
      'apt_pipelining',
    ],
    help: 'the root file system is read-only: list packages under `base.packages` in the profile',
  },
  {
    keys: ['mounts', 'fs_setup', 'disk_setup', 'swap', 'growpart', 'resize_rootfs', 'device_aliases'],
    help: 'disks of the image are its own; for a further disk write a systemd mount unit by `write_files`',
  },
  { keys: ['ca_certs', 'ca-certs'], help: '/usr, where it would put them, is read-only' },
  { keys: ['locale', 'keyboard', 'rsyslog', 'fan'], help: 'the base has nothing that it could set' },
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

/** What to do instead of a known key that is not ours to read; undefined for keys that nobody knows. */
export const foreignKeyHelp = (key: string): string | undefined =>
  reasons.find(({ keys }) => keys.includes(key))?.help
