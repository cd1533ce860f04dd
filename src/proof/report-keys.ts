/**
 * What a node answers to `collect` on its report port (protocol: ARCHITECTURE.md). Every value is the plain text
 * that the named program prints, without verdicts; a fact that cannot be had is an empty value. The script is
 * `templates/node/usr/lib/appliance/report`; a test compares its keys with this list.
 */
export const reportKeys = {
  'boot-id': '/proc/sys/kernel/random/boot_id',
  'machine-id': '/etc/machine-id',
  hostname: 'host name of the running kernel',
  uptime: 'seconds since the kernel started, /proc/uptime, first field',
  'exec-uptime': 'seconds since the kernel started when the launcher ran `exec k3s`; empty before',
  clock: '`<unix seconds> <source>`; source: ntp, rtc, saved or floor',
  'failed-units': 'systemctl --failed --plain --no-legend: one line a unit, empty when all is well',
  jobs: 'systemctl list-jobs --no-legend: one line a job that still waits',
  'system-state': 'systemctl is-system-running',
  'k3s-active': 'systemctl is-active k3s.service',
  'k3s-show': 'systemctl show k3s.service: ActiveState SubState Result NRestarts MainPID, key=value lines',
  'k3s-version': 'first line of `k3s --version`',
  'status-json': 'appliance status --json',
  ping: 'body of https://127.0.0.1:6443/ping, verified against the node’s server-ca.crt; servers only',
  'k3s-config': '/etc/rancher/k3s/config.yaml',
  mounts: 'findmnt --json --list -o TARGET,SOURCE,FSTYPE,OPTIONS,SIZE --bytes',
  'root-write': '`read-only` when a file cannot be made in /usr, else `writable`',
  disk: '`<name> <disk bytes> <data partition start bytes> <data partition bytes> <data file system bytes>`',
  mbr: 'bytes 446 to 511 of the disk (four entries of the MBR, signature) in hex',
  'secret-modes':
    'one line a secret file that was installed: `<mode> <owner>:<group> <directory mode> <path>`, or `missing - - <path>`',
  'installed-sha256': 'one line a file of install.list: `<ok|differs|missing> <target>`',
  'kernel-parameters': 'those that kubelet compares under protect-kernel-defaults: `<name> = <value>` lines',
  'server-modes':
    'one line each file and folder of k3s’s server folder, of its logs and certificates: `<mode> <owner>:<group> <path>`',
  manifests:
    'one line a manifest of the payload that k3s was given: `<mode> <owner>:<group> <sha256> <path>`',
  'seed-secrets': 'one line a secret file of install.list on the seed: `<zero|gone|content> <number>`',
  'seed-installed': '`yes` when the seed bears appliance/installed, else `no`',
  'cloud-secrets':
    'how many files under /var/lib/cloud, /run/cloud-init, /var/log and /run/log hold a secret’s text',
  images: 'k3s ctr -n k8s.io images ls: `<name> <digest>` lines',
  'image-imports': 'journal lines of k3s.service of this boot that tell of an import',
  certificates: 'every certificate below the data of k3s: a line `# <path>`, then PEM',
  'ssh-host-keys': 'ssh-keygen -l of each public host key',
  'journal-warnings': 'journalctl -b -p warning, the last 200 lines',
  'boot-times': 'systemd-analyze time',
  blame: 'systemd-analyze blame, the first 20 lines',
  firewall: 'nft list tables, then nft list table inet appliance where there is one',
  'firewall-reload':
    '`reloaded` or `failed`, then a line each other table and its chains before: `<kept|lost> <family> <table> [<chain>]`; while k3s runs; empty without a firewall',
  'registries-mode': '`<mode> <owner>:<group>` of /etc/rancher/k3s/registries.yaml',
  'proxy-names': 'names of the variables of k3s that end in PROXY, one a line, sorted',
  routes: 'ip route show and ip -6 route show',
  addresses: 'ip -brief address',
  'cloud-init':
    '/run/cloud-init/result.json: `errors` and the datasource; empty until its last stage has ended',
  'payload-verified':
    '`full` (digests were taken at this boot), `stamp` (size and time), `failed`; empty before',
  modules: 'names of the loaded kernel modules that k3s needs',
} as const satisfies Readonly<Record<string, string>>

export type ReportKey = keyof typeof reportKeys
