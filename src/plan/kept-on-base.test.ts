import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LockedBaseImage } from '../resolve/base-image/locked-base-image.ts'
import {
  sampleBaseImage,
  sampleCoreosImage,
  sampleFlatcarImage,
  sampleMicroosImage,
  samplePiImage,
} from '../resolve/base-image/testing.ts'
import type { UserDataFragment } from '../resolve/resolved-profile.ts'
import type { CloudConfig } from '../resolve/user-data/cloud-config-schema.ts'
import { readFragment } from '../resolve/user-data/fragment.ts'
import { readIgnitionFragment } from '../resolve/user-data/ignition-fragment.ts'
import type { IgnitionFragmentConfig } from '../resolve/user-data/ignition-schema.ts'
import { layoutOf, placeOn } from './base-image/base-image-layout.ts'
import { sampleProfile } from './testing.ts'
import { checkUserDataFiles, checkUserDataHarm } from './user-data.ts'

/** Ubuntu for Raspberry Pis since 25.10. */
const ubuntuPiImage: LockedBaseImage = {
  ...sampleBaseImage,
  chrony: '/etc/chrony/chrony.conf',
  configuration: {
    way: 'boot-files',
    partition: 1,
    commandLines: [{ path: 'current/cmdline.txt', text: 'root=LABEL=writable' }],
  },
}

/** The base by its name in the tables below; null: one of our own. */
const bases = {
  own: null,
  cloud: sampleBaseImage,
  ubuntuPi: ubuntuPiImage,
  pi: samplePiImage,
  coreos: sampleCoreosImage,
  flatcar: sampleFlatcarImage,
  microos: sampleMicroosImage,
} as const satisfies Readonly<Record<string, LockedBaseImage | null>>
type Base = keyof typeof bases

const told = (base: Base, userData: readonly UserDataFragment[]): readonly string[] => {
  const [first] = userData
  const provision = first?.kind === 'ignition' ? 'ignition' : 'cloud-init'
  const sample = sampleProfile({ provision, userData })
  const profile = { ...sample, base: { ...sample.base, image: bases[base] } }
  return [...checkUserDataFiles(profile, [], []), ...checkUserDataHarm(profile)].map(
    ({ code, message, subject }) =>
      `${code} ${message} @${subject !== undefined && 'path' in subject ? subject.within?.join('.') : ''}`,
  )
}

const ofCloudConfig = (base: Base, config: CloudConfig): readonly string[] =>
  told(base, [{ kind: 'cloud-config', file: './a.yaml', config }])

const run = (...runcmd: NonNullable<CloudConfig['runcmd']>): CloudConfig => ({ runcmd })
const write = (path: string, content = '', rest: object = {}): CloudConfig => ({
  write_files: [{ path, content, ...rest }],
})
const flushing = '#!/usr/sbin/nft -f\nflush ruleset\ntable inet filter { }\n'

const stops = (unit: string, at = 'runcmd.0') =>
  `L0053 ./a.yaml: this command stops \`${unit}\`, a unit that this node lives by @${at}`
const writes = (path: string, by: string) =>
  `L0053 ./a.yaml writes \`${path}\`, which is ${by} @write_files.0.path`
const changes = (path: string, by: string) =>
  `L0053 ./a.yaml: this command changes \`${path}\`, ${by} @runcmd.0`
const contents = (path: string, what: string) => `L0053 ./a.yaml: \`${path}\` ${what} @write_files.0.content`
const livesBy = 'a unit that this node lives by'
const rulesGone = 'takes away the rules by which k3s reaches its pods'
const dropped = 'drops what pods and nodes say to each other'

test.each<readonly [Base, CloudConfig, string]>([
  ['own', run(['systemctl', 'disable', '--now', 'ssh']), stops('ssh.service')],
  ['own', write('/etc/systemd/system/ssh.service'), writes('/etc/systemd/system/ssh.service', livesBy)],
  [
    'own',
    run('ln -sf /dev/null /etc/systemd/system/ssh.service'),
    changes('/etc/systemd/system/ssh.service', livesBy),
  ],
  ['own', run('systemctl mask systemd-networkd'), stops('systemd-networkd.service')],
  ['own', run('systemctl mask multi-user.target'), stops('multi-user.target')],
  [
    'own',
    run('userdel -r ops'),
    'L0053 ./a.yaml: this command locks `ops` out, who is of the profile @runcmd.0',
  ],
  ['cloud', run('systemctl disable --now ssh.socket'), stops('ssh.socket')],
  ['cloud', run('systemctl disable cloud-init'), stops('cloud-init.service')],
  ['cloud', run('systemctl stop systemd-networkd'), stops('systemd-networkd.service')],
  ['cloud', run('systemctl mask systemd-timesyncd'), stops('systemd-timesyncd.service')],
  [
    'cloud',
    run('systemctl disable --now systemd-timesyncd', 'apt-get install -y htop'),
    stops('systemd-timesyncd.service'),
  ],
  [
    'cloud',
    run(
      'systemctl disable systemd-resolved',
      'ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf',
      'rm -f /etc/resolv.conf',
    ),
    stops('systemd-resolved.service'),
  ],
  ['cloud', write('/etc/fstab', ''), writes('/etc/fstab', 'the list of file systems of the base')],
  ['cloud', run('echo a >/etc/fstab'), changes('/etc/fstab', 'the list of file systems of the base')],
  [
    'cloud',
    write('/etc/netplan/99-site.yaml'),
    writes('/etc/netplan/99-site.yaml', 'the network of this node'),
  ],
  [
    'cloud',
    write('/etc/netplan/99-site.yaml', '', { append: true }),
    writes('/etc/netplan/99-site.yaml', 'the network of this node'),
  ],
  [
    'cloud',
    run('netplan set ethernets.eth0.dhcp4=true'),
    'L0053 ./a.yaml: this command changes the network of this node @runcmd.0',
  ],
  [
    'own',
    write(
      '/etc/nftables.conf',
      'table inet scale {\n chain a {\n  type filter hook input priority 0;\n  tcp dport { 22, 80 } accept\n  drop\n }\n}\n',
    ),
    contents('/etc/nftables.conf', dropped),
  ],
  [
    'cloud',
    write('/etc/systemd/system.conf.d/x.conf', '[Manager]\nDefaultEnvironment="K3S_CONFIG_FILE=/x"\n'),
    contents('/etc/systemd/system.conf.d/x.conf', 'gives k3s other settings by its environment'),
  ],
  ['cloud', run('rm -f /etc/netplan/*'), changes('/etc/netplan/*', 'the network of this node')],
  [
    'cloud',
    {
      write_files: [
        { path: '/etc/systemd/system/a.service', content: '[Service]\nExecStart=systemctl stop ssh\n' },
      ],
    },
    contents('/etc/systemd/system/a.service', `stops \`ssh.service\`, ${livesBy}`),
  ],
  [
    'cloud',
    write('/etc/modprobe.d/cis.conf', 'install cramfs /bin/false\ninstall squashfs /bin/false\n'),
    contents(
      '/etc/modprobe.d/cis.conf',
      'keeps the kernel from loading `squashfs`, which k3s or the node needs',
    ),
  ],
  [
    'own',
    write('/etc/modprobe.d/cis.conf', 'blacklist overlay\n'),
    contents(
      '/etc/modprobe.d/cis.conf',
      'keeps the kernel from loading `overlay`, which k3s or the node needs',
    ),
  ],
  [
    'cloud',
    write('/etc/fstab', '/dev/sda1 /var/lib/rancher ext4 defaults 0 2\n', { append: true }),
    contents('/etc/fstab', "mounts over `/var/lib/rancher`, k3s's own state"),
  ],
  [
    'cloud',
    write(
      '/etc/systemd/system/var-lib-rancher-k3s.mount',
      '[Mount]\nWhat=/dev/sda1\nWhere=/var/lib/rancher/k3s\n',
    ),
    contents(
      '/etc/systemd/system/var-lib-rancher-k3s.mount',
      "mounts over `/var/lib/rancher/k3s`, k3s's own state",
    ),
  ],
  ['ubuntuPi', run('systemctl mask chrony'), stops('chrony.service')],
  [
    'ubuntuPi',
    run('tee /boot/firmware/current/cmdline.txt'),
    changes('/boot/firmware/current/cmdline.txt', 'what this node starts by'),
  ],
  ['pi', run('systemctl disable --now NetworkManager'), stops('NetworkManager.service')],
  ['pi', run('rm /boot/firmware/meta-data'), changes('/boot/firmware/meta-data', 'what this node starts by')],
  [
    'pi',
    run('sed -i s/cgroup_enable=memory// /boot/firmware/cmdline.txt'),
    changes('/boot/firmware/cmdline.txt', 'what this node starts by'),
  ],
  [
    'pi',
    write('/etc/NetworkManager/conf.d/99-none.conf', '[keyfile]\nunmanaged-devices=*\n'),
    contents('/etc/NetworkManager/conf.d/99-none.conf', 'takes the network away'),
  ],
  [
    'pi',
    write('/etc/NetworkManager/conf.d/99-a.conf', '[keyfile]\nunmanaged-devices=interface-name:usb0\n'),
    contents(
      '/etc/NetworkManager/conf.d/99-a.conf',
      'lets NetworkManager take the interfaces of pods for its own',
    ),
  ],
  ...(['own', 'cloud', 'pi'] as const).flatMap((base) =>
    (
      [
        [base, write('/etc/nftables.conf', flushing), contents('/etc/nftables.conf', rulesGone)],
        [
          base,
          run('systemctl enable --now nftables'),
          'L0053 ./a.yaml: this command starts `nftables.service`, whose rules take the place of those by which k3s reaches its pods @runcmd.0',
        ],
        [base, run('nft -f /etc/nftables.conf'), `L0053 ./a.yaml: this command ${rulesGone} @runcmd.0`],
        [
          base,
          write('/etc/sysctl.d/60-cis.conf', 'net.ipv4.ip_forward = 0\n'),
          contents('/etc/sysctl.d/60-cis.conf', 'keeps the node from forwarding what pods say'),
        ],
        [base, write('/etc/ufw/ufw.conf', 'ENABLED=yes\n'), contents('/etc/ufw/ufw.conf', dropped)],
        [
          base,
          write('/etc/iptables/rules.v4', '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\nCOMMIT\n'),
          contents('/etc/iptables/rules.v4', dropped),
        ],
      ] as const
    ).map((row) => row),
  ),
])('%s: refused %j', (base, config, expected) => {
  expect(ofCloudConfig(base, config)).toEqual([expected])
})

const ownTable = 'table inet scale\ndelete table inet scale\ntable inet scale { chain a { } }\n'

test.each<readonly [Base, CloudConfig]>([
  ...(['own', 'cloud', 'pi'] as const).flatMap((base) =>
    [
      run('systemctl restart ssh', 'systemctl disable bluetooth', 'cat /etc/passwd', 'systemctl status k3s'),
      run('iptables -A INPUT -p tcp --dport 80 -j ACCEPT', 'ufw allow 80/tcp'),
      write('/etc/systemd/system/ssh.service.d/a.conf', '[Service]\nRestart=always\n'),
      write('/etc/nftables.d/scale.nft', ownTable),
      { ...write('/etc/nftables.conf', ownTable), ...run('systemctl enable --now nftables') },
      write('/etc/fstab', '//nas/share /srv cifs noauto 0 0\n', { append: true }),
      write('/etc/sysctl.d/60-scale.conf', 'vm.swappiness = 10\n'),
      write('/etc/NetworkManager/conf.d/99-a.conf', '[keyfile]\nunmanaged-devices+=interface-name:usb0\n'),
      write('/etc/systemd/system/a.service', '[Service]\nExecStart=/bin/sh -c "cat /etc/passwd >/run/a"\n'),
    ].map((config) => [base, config] as const),
  ),
  ['cloud', run('systemctl disable --now ssh.socket', 'systemctl enable --now ssh.service')],
  ['cloud', run('chmod 600 /etc/netplan/50-cloud-init.yaml', 'netplan apply')],
  ['cloud', run('systemctl disable systemd-networkd-wait-online.service')],
  ['own', run('systemctl mask systemd-networkd-wait-online.service fstrim.timer')],
  ['cloud', run('systemctl disable --now systemd-timesyncd && systemctl enable --now chrony')],
  ['ubuntuPi', run('systemctl disable --now chrony', 'systemctl enable --now systemd-timesyncd')],
  ['pi', run('systemctl disable --now systemd-resolved')],
  ...(['own', 'cloud'] as const).map(
    (base) =>
      [
        base,
        run(
          'systemctl disable --now systemd-resolved',
          'rm -f /etc/resolv.conf; echo nameserver 192.0.2.1 >/etc/resolv.conf',
        ),
      ] as const,
  ),
  ['own', run('systemctl disable NetworkManager')],
  ['own', write('/etc/modprobe.d/cis.conf', 'install cramfs /bin/false\nblacklist squashfs\n')],
  ['cloud', write('/etc/modprobe.d/a.conf', 'options overlay metacopy=on\n')],
  ['pi', write('/etc/fstab', 'LABEL=bootfs /boot/firmware vfat defaults 0 2\n', { append: true })],
  ['cloud', write('/etc/systemd/system/srv.mount', '[Mount]\nWhat=/dev/sda1\nWhere=/srv\n')],
  ['cloud', run('systemctl disable NetworkManager')],
  ['pi', run('systemctl disable --now systemd-networkd')],
  ['ubuntuPi', run('systemctl disable --now systemd-timesyncd')],
  ['pi', run('echo dtparam=spi=on >>/boot/firmware/config.txt')],
])('%s: lets be %j', (base, config) => {
  expect(ofCloudConfig(base, config)).toEqual([])
})

const ofIgnition = (base: Base, parts: Partial<IgnitionFragmentConfig>): readonly string[] =>
  told(base, [
    {
      kind: 'ignition',
      file: './a.yaml',
      config: {
        ignition: { version: '3.3.0' },
        passwd: { users: [], groups: [] },
        storage: { directories: [], files: [], links: [] },
        systemd: { units: [] },
        ...parts,
      },
    },
  ])

type Unit = IgnitionFragmentConfig['systemd']['units'][number]
const units = (...list: readonly Unit[]): Partial<IgnitionFragmentConfig> => ({ systemd: { units: list } })
const service = (...lines: readonly string[]): Partial<IgnitionFragmentConfig> =>
  units({ name: 'a.service', contents: ['[Service]', ...lines, ''].join('\n') })
const file = (path: string, text = ''): Partial<IgnitionFragmentConfig> => ({
  storage: {
    directories: [],
    files: [{ path, overwrite: true, contents: { source: `data:,${encodeURIComponent(text)}` } }],
    links: [],
  },
})
const inUnit = (what: string) => `L0053 ./a.yaml: a.service ${what} @systemd.units.0.contents`
const named = (unit: string) =>
  `L0053 ./a.yaml writes \`/etc/systemd/system/${unit}\`, which is ${livesBy} @systemd.units.0.name`

test.each<readonly [Base, Partial<IgnitionFragmentConfig>, string]>([
  [
    'coreos',
    service('ExecStart=/usr/bin/systemctl disable --now sshd.service'),
    inUnit(`stops \`sshd.service\`, ${livesBy}`),
  ],
  [
    'coreos',
    service('ExecStart=-/usr/bin/systemctl mask --now NetworkManager.service'),
    inUnit(`stops \`NetworkManager.service\`, ${livesBy}`),
  ],
  [
    'microos',
    service('ExecStart=/bin/sh -c "systemctl stop sshd"'),
    inUnit(`stops \`sshd.service\`, ${livesBy}`),
  ],
  [
    'own',
    service('ExecStart=/usr/bin/systemctl mask ssh.service'),
    inUnit(`stops \`ssh.service\`, ${livesBy}`),
  ],
  [
    'flatcar',
    service('ExecStart=/usr/bin/systemctl stop sshd.socket'),
    inUnit(`stops \`sshd.socket\`, ${livesBy}`),
  ],
  [
    'coreos',
    units({ name: 'a.service', contents: '[Unit]\nConflicts=NetworkManager.service\n' }),
    inUnit(`stops \`NetworkManager.service\`, ${livesBy} (\`Conflicts=\`)`),
  ],
  [
    'coreos',
    units({
      name: 'sshd.service',
      dropins: [{ name: 'a.conf', contents: '[Service]\nExecStartPre=rm -rf /var/lib/rancher\n' }],
    }),
    "L0053 ./a.yaml: sshd.service changes `/var/lib/rancher`, k3s's own state @systemd.units.0.dropins.0.contents",
  ],
  ['coreos', units({ name: 'NetworkManager.service', mask: true }), named('NetworkManager.service')],
  ...(
    [
      ['etc-rancher.mount', '/etc/rancher', "k3s's own settings"],
      ['var-lib.automount', '/var/lib', "which holds `/var/lib/rancher`, k3s's own state"],
      ['usr-local.mount', '/usr/local', 'which holds `/usr/local/bin/k3s`, what this node starts by'],
    ] as const
  ).map(
    ([name, where, by]) =>
      [
        'coreos',
        units({ name, contents: `[Mount]\nWhat=/dev/sda1\nWhere=${where}\n` }),
        `L0053 ./a.yaml: ${name} mounts over \`${where}\`, ${by} @systemd.units.0.contents`,
      ] as const,
  ),
  ['own', units({ name: 'ssh.service', contents: '[Service]' }), named('ssh.service')],
  [
    'own',
    units({ name: 'ssh.service', enabled: false }),
    `L0053 ./a.yaml: \`ssh.service\` is ${livesBy} @systemd.units.0.name`,
  ],
  [
    'own',
    {
      storage: {
        directories: [],
        files: [],
        links: [{ path: '/etc/systemd/system/ssh.service', target: '/dev/null' }],
      },
    },
    `L0053 ./a.yaml writes \`/etc/systemd/system/ssh.service\`, which is ${livesBy} @storage.links.0.path`,
  ],
  [
    'coreos',
    {
      storage: {
        directories: [],
        files: [],
        links: [
          { path: '/etc/systemd/system/default.target', target: '/usr/lib/systemd/system/rescue.target' },
        ],
      },
    },
    'L0053 ./a.yaml: `/etc/systemd/system/default.target` takes the node to where neither ssh nor k3s runs @storage.links.0.target',
  ],
  [
    'coreos',
    service('ExecStart=/bin/rm -rf /var/usrlocal/appliance'),
    inUnit(
      'changes `/var/usrlocal/appliance`, which holds `/usr/local/appliance/bin`, what this node starts by',
    ),
  ],
  [
    'flatcar',
    service('ExecStart=/bin/rm -f /opt/bin/k3s'),
    inUnit('changes `/opt/bin/k3s`, what this node starts by'),
  ],
  [
    'coreos',
    {
      ...file('/etc/sysconfig/nftables.conf', flushing),
      ...units({ name: 'nftables.service', enabled: true }),
    },
    `L0053 ./a.yaml: \`/etc/sysconfig/nftables.conf\` ${rulesGone} @storage.files.0.contents`,
  ],
  [
    'coreos',
    units({ name: 'firewalld.service', enabled: true }),
    'L0053 ./a.yaml: this starts `firewalld.service`, whose rules take the place of those by which k3s reaches its pods @systemd.units.0.enabled',
  ],
  [
    'own',
    file('/etc/systemd/system/a.service', '[Service]\nExecStart=systemctl stop k3s\n'),
    `L0053 ./a.yaml: \`/etc/systemd/system/a.service\` stops \`k3s.service\`, ${livesBy} @storage.files.0.contents`,
  ],
  [
    'microos',
    file('/etc/fstab'),
    'L0053 ./a.yaml writes `/etc/fstab`, which is the list of file systems of the base @storage.files.0.path',
  ],
])('%s with Ignition: refused %j', (base, parts, expected) => {
  expect(ofIgnition(base, parts)).toEqual([expected])
})

test.each<readonly [Base, Partial<IgnitionFragmentConfig>]>([
  ...(['own', 'coreos', 'flatcar', 'microos'] as const).flatMap((base) =>
    [
      service('ExecStart=/usr/bin/systemctl restart sshd ssh', 'ExecStop=/bin/cat /etc/rancher/k3s/k3s.yaml'),
      service("ExecStart=/bin/sh -c 'cp -a /etc/rancher /var/backup; systemctl is-active k3s >/run/a'"),
      units({
        name: 'sshd.service',
        enabled: true,
        dropins: [{ name: 'a.conf', contents: '[Service]\nNice=5\n' }],
      }),
      { ...file('/etc/nftables.conf', ownTable), ...units({ name: 'nftables.service', enabled: true }) },
      file('/etc/systemd/system/a.service', '[Service]\nExecStart=/bin/true\n'),
    ].map((parts) => [base, parts] as const),
  ),
  ['coreos', file('/etc/sysconfig/nftables.conf', ownTable)],
  ['own', units({ name: 'NetworkManager.service', mask: true })],
])('%s with Ignition: lets be %j', (base, parts) => {
  expect(ofIgnition(base, parts)).toEqual([])
})

type Storage = IgnitionFragmentConfig['storage']
test.each<readonly [Base, Partial<IgnitionFragmentConfig>]>([
  [
    'coreos',
    units({ name: 'chronyd.service', mask: true }, { name: 'systemd-timesyncd.service', enabled: true }),
  ],
  [
    'coreos',
    units({ name: 'chronyd.service', enabled: false }, { name: 'systemd-timesyncd.service', enabled: true }),
  ],
  [
    'coreos',
    {
      ...file('/etc/resolv.conf', 'nameserver 192.0.2.1\n'),
      ...units({ name: 'systemd-resolved.service', enabled: false }),
    },
  ],
])('%s with Ignition: another one takes its place, %j', (base, parts) => {
  expect(ofIgnition(base, parts)).toEqual([])
})

const withStorage = (base: Base, parts: Partial<Storage>, ours: readonly string[]): readonly string[] => {
  const storageOf = { directories: [], files: [], links: [], ...parts }
  const config = { ignition: { version: '3.3.0' as const }, passwd: { users: [], groups: [] } }
  const userData = [
    {
      kind: 'ignition' as const,
      file: './a.yaml',
      config: { ...config, storage: storageOf, systemd: { units: [] } },
    },
  ]
  const sample = sampleProfile({ provision: 'ignition', userData })
  const profile = { ...sample, base: { ...sample.base, image: bases[base] } }
  return checkUserDataFiles(
    profile,
    [],
    ours.map((path) => ({ path })),
  ).map(({ message }) => message)
}

const free = /^$/
const outside = /which is not among what can be written on this base$/
const itself = /which is a folder of the image$|which holds files of the base$/
const ours = /which is what this node starts by$|which is a file of the base$/

test.each<readonly [Base, string, RegExp]>([
  ['coreos', '/usr/local/bin/public-ipv4.sh', free],
  ['coreos', '/var/usrlocal/bin/public-ipv4.sh', free],
  ['coreos', '/opt/site/a', free],
  ['coreos', '/srv/a', free],
  ['coreos', '/home/ops/a', free],
  ['coreos', '/root/a', free],
  ['coreos', '/usr/bin/a', outside],
  ['coreos', '/usr/lib/a', outside],
  ['coreos', '/site/a', outside],
  ['coreos', '/boot/a', outside],
  ['coreos', '/opt', itself],
  ['coreos', '/usr/local', itself],
  ['coreos', '/usr/local/bin/k3s', ours],
  ['coreos', '/usr/local/bin/kubectl', ours],
  ['coreos', '/var/usrlocal/bin/kubectl', ours],
  ['coreos', '/usr/local/appliance/bin/launcher', ours],
  ['flatcar', '/opt/bin/site.sh', free],
  ['flatcar', '/opt/a', free],
  ['flatcar', '/srv/a', free],
  ['flatcar', '/site/a', free],
  ['flatcar', '/usr/local/bin/a', outside],
  ['flatcar', '/bin/a', outside],
  ['flatcar', '/oem/a', outside],
  ['flatcar', '/run/a', outside],
  ['flatcar', '/opt/bin/k3s', ours],
  ['flatcar', '/opt/bin/kubectl', ours],
  ['flatcar', '/opt/appliance/bin/launcher', ours],
  ['microos', '/usr/local/bin/a', free],
  ['microos', '/home/ops/a', free],
  ['microos', '/root/a', free],
  ['microos', '/opt/a', outside],
  ['microos', '/srv/a', outside],
  ['microos', '/usr/bin/a', outside],
  ['microos', '/usr/local/bin/kubectl', ours],
])('%s: whether Ignition may write %s', (base, path, expected) => {
  const image = bases[base]
  if (image === null) throw new Error('an image is meant')
  const places = ['/usr/lib/appliance/launcher', '/usr/local/bin/kubectl'].map((each) =>
    placeOn(layoutOf(image.configuration), each),
  )
  const [name = ''] = path.split('/').slice(-1)
  const lists: Partial<Storage>[] = [
    { files: [{ path, overwrite: true, contents: { source: 'data:,' } }] },
    { links: [{ path, target: `/etc/${name}`, overwrite: true }] },
    { directories: [{ path }] },
  ]
  for (const parts of lists) {
    expect(withStorage(base, parts, places).join('\n')).toMatch(expected)
    if (expected !== free) continue
    // What `lock` reads, before the base is known.
    const text = JSON.stringify({ ignition: { version: '3.3.0' }, storage: parts })
    const [fragment, faults] = readIgnitionFragment('./a.yaml', { path: 'a.yaml', text }, 'unknown')
    expect(fragment, JSON.stringify(faults)).toBeDefined()
  }
})

test('a folder beside ours may be named, where that closes nothing', () => {
  const found = (directory: Storage['directories'][number]): number =>
    withStorage('flatcar', { directories: [directory] }, ['/opt/bin/kubectl']).length
  expect(found({ path: '/opt/bin' })).toBe(0)
  expect(found({ path: '/opt/bin', mode: 0o755, user: { name: 'root' } })).toBe(0)
  expect(found({ path: '/opt/bin', mode: 0o700 })).toBe(1)
  expect(found({ path: '/opt/bin', user: { name: 'ops' } })).toBe(1)
})

/** Whether `lock` or the plan refuses a fragment. */
const isRefused = (base: Base, kind: UserDataFragment['kind'], value: object): boolean => {
  const file = { path: 'a.yaml', text: '' }
  const [fragment] =
    kind === 'ignition'
      ? readIgnitionFragment(
          './a.yaml',
          { ...file, text: JSON.stringify(value) },
          base === 'own' ? 'data' : 'unknown',
        )
      : readFragment(
          './a.yaml',
          { ...file, text: `#cloud-config\n${JSON.stringify(value)}\n` },
          base === 'own' ? 'data' : 'whole',
        )
  if (fragment === undefined) return true
  const { kind: _, config } = fragment
  return told(base, [{ kind, file: './a.yaml', config } as UserDataFragment]).length > 0
}

const everywhere = [
  '/etc/rancher/k3s/config.yaml.d/a.yaml',
  '/var/lib/rancher/k3s/server/manifests/a.yaml',
  '/etc/default/k3s',
  '/etc/sysconfig/k3s',
  '/etc/systemd/system/k3s.service.env',
  '/etc/systemd/system/k3s.service',
  '/etc/systemd/system/k3s.service.d/a.conf',
  '/run/systemd/system/k3s.service.d/a.conf',
  '/etc/systemd/system/service.d/a.conf',
  '/etc/systemd/system/appliance-.service.d/a.conf',
  '/etc/systemd/system/var-lib-.mount.d/a.conf',
  '/etc/systemd/system/multi-user.target.wants/k3s.service',
  '/etc/passwd',
  '/etc/machine-id',
  '/etc/cloud/cloud-init.disabled',
]
const sshUnit = {
  ubuntuPi: 'ssh',
  own: 'ssh',
  cloud: 'ssh',
  pi: 'ssh',
  coreos: 'sshd',
  flatcar: 'sshd',
  microos: 'sshd',
} as const

test('a place is kept or free alike, whoever writes there and however its path is written', () => {
  const place = (base: Base) =>
    fc.oneof(
      fc
        .constantFrom(...everywhere, `/etc/systemd/system/${sshUnit[base]}.service`)
        .map((path) => [path, true] as const),
      fc
        .constantFrom(
          '/etc/scale.conf',
          '/etc/systemd/system/scale.service',
          '/var/lib/scale/a',
          '/home/ops/a',
        )
        .map((path) => [path, false] as const),
      fc
        .constant(`/etc/systemd/system/${sshUnit[base]}.service.d/a.conf`)
        .map((path) => [path, false] as const),
    )
  const spelled = fc.constantFrom(
    (path: string) => path,
    (path: string) => path.replace('/etc/', '/etc/./'),
    (path: string) => `/srv/..${path}`,
  )
  fc.assert(
    fc.property(
      fc
        .constantFrom<Base>('own', 'cloud', 'pi', 'coreos', 'flatcar', 'microos')
        .chain((base) => fc.tuple(fc.constant(base), place(base))),
      spelled,
      ([base, [plain, isKept]], spell) => {
        const path = spell(plain)
        const command = ['sh', '-c', `echo a > '${path}'`]
        const exec = `[Service]\nExecStart=/bin/sh -c "echo a > '${path}'"\n`
        if (base === 'own' || base === 'cloud' || base === 'pi') {
          expect(isRefused(base, 'cloud-config', { write_files: [{ path, content: 'a' }] }), path).toBe(
            isKept,
          )
          expect(isRefused(base, 'cloud-config', { runcmd: [command] }), path).toBe(isKept)
          expect(isRefused(base, 'cloud-config', { bootcmd: [command.at(-1)] }), path).toBe(isKept)
          const unit = { path: '/etc/systemd/system/a.service', content: exec }
          expect(isRefused(base, 'cloud-config', { write_files: [unit] }), path).toBe(isKept)
        }
        if (base === 'cloud' || base === 'pi') return
        const ignition = { version: '3.3.0' }
        const file = { path, contents: { source: 'data:,a' } }
        // Ignition writes in the initrd, where nothing is in memory yet.
        if (!plain.startsWith('/run/'))
          expect(isRefused(base, 'ignition', { ignition, storage: { files: [file] } }), path).toBe(isKept)
        const systemd = { units: [{ name: 'a.service', contents: exec }] }
        expect(isRefused(base, 'ignition', { ignition, systemd }), path).toBe(isKept)
      },
    ),
    { numRuns: 300 },
  )
})
