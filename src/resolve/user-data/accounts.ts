/** Users of the base before anybody is asked (base-passwd 3.6, systemd 257, and the packages of images/bases/debian-13.yaml). */
export const baseUsers: readonly string[] = [
  ...[
    'root',
    'daemon',
    'bin',
    'sys',
    'sync',
    'games',
    'man',
    'lp',
    'mail',
    'news',
    'uucp',
    'proxy',
    'www-data',
  ],
  ...['backup', 'list', 'irc', '_apt', 'nobody', 'systemd-network', 'systemd-timesync', 'systemd-resolve'],
  ...['messagebus', 'dhcpcd', 'sshd'],
]

/** Groups of the base, from the same packages. */
export const baseGroups: readonly string[] = [
  ...[
    'root',
    'daemon',
    'bin',
    'sys',
    'adm',
    'tty',
    'disk',
    'lp',
    'mail',
    'news',
    'uucp',
    'man',
    'proxy',
    'kmem',
  ],
  ...['dialout', 'fax', 'voice', 'cdrom', 'floppy', 'tape', 'sudo', 'audio', 'dip', 'www-data', 'backup'],
  ...[
    'operator',
    'list',
    'irc',
    'src',
    'shadow',
    'utmp',
    'video',
    'sasl',
    'plugdev',
    'staff',
    'games',
    'users',
  ],
  ...['nogroup', 'systemd-journal', 'systemd-network', 'systemd-timesync', 'systemd-resolve', 'input', 'sgx'],
  ...['clock', 'kvm', 'render', 'messagebus', '_ssh'],
]

/** Accounts that every base image has that Ignition sets up: Debian's, Fedora CoreOS's and Flatcar's. */
export const commonUsers: readonly string[] = ['root', 'bin', 'daemon', 'mail', 'nobody']

export const commonGroups: readonly string[] = [
  ...[
    'root',
    'bin',
    'daemon',
    'sys',
    'adm',
    'tty',
    'disk',
    'lp',
    'mail',
    'dialout',
    'cdrom',
    'floppy',
    'tape',
  ],
  ...['sudo', 'audio', 'video', 'users', 'input', 'kvm', 'render', 'utmp', 'systemd-journal'],
]

/** Below are those of the base and of people without a number; useradd of Debian gives numbers up to the greater one. */
export const leastId = 2000
export const mostId = 59_999

/** A number of a user or a group that useradd may have given to somebody else. */
export const isTakenId = (id: number | undefined): boolean =>
  id !== undefined && (id < leastId || id > mostId)

export const takenId = (id: number | undefined): { readonly message: string; readonly help: string } => ({
  message: `the number ${id} may be another's`,
  help: `take one from ${leastId} to ${mostId}, or none`,
})
