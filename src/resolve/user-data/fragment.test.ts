import { expect, test } from 'vitest'
import { lineColumnOf } from '../../diagnostics/source-file.ts'
import { readFragment } from './fragment.ts'

const faultsOf = (text: string): readonly (readonly string[])[] => {
  const [fragment, faults] = readFragment('./site.yaml', { path: 'site.yaml', text })
  if (faults.some(({ severity }) => severity === 'error')) expect(fragment).toBeUndefined()
  return faults.map(({ code, message, range }) => {
    const { line, column } =
      range === undefined ? { line: 0, column: 0 } : lineColumnOf(range.file, range.start)
    return [code, `${line}:${column} ${message}`]
  })
}

test('reads what the modules of the image read', () => {
  const text = `#cloud-config
bootcmd: [[modprobe, i2c-dev]]
users:
  - { name: kiosk, groups: [video], hashed_passwd: "$6$salt$hash", lock_passwd: false, shell: /bin/bash }
groups: [ops, { panel: [kiosk] }]
write_files:
  - path: /etc/udev/rules.d/99-scale.rules
    permissions: '0644'
    content: |
      SUBSYSTEM=="tty", SYMLINK+="scale"
runcmd:
  - udevadm trigger
final_message: ready
`
  const [fragment, faults] = readFragment('./site.yaml', { path: 'site.yaml', text })
  expect(faults).toEqual([])
  expect(fragment?.config.write_files?.[0]?.content).toBe('SUBSYSTEM=="tty", SYMLINK+="scale"\n')
})

test.each([
  [
    'a script',
    '#!/bin/sh\necho\n',
    [['L0050', '1:1 the file does not begin with the line `#cloud-config`: cloud-init would pass it over']],
  ],
  [
    'Ignition',
    'variant: fcos\n',
    [['L0050', '1:1 the file does not begin with the line `#cloud-config`: cloud-init would pass it over']],
  ],
  [
    'an owner elsewhere',
    '#cloud-config\ntimezone: UTC\npackages: [vim]\n',
    [
      ['L0051', '2:1 `timezone` is not read on these images'],
      ['L0051', '3:1 `packages` is not read on these images'],
    ],
  ],
  ['an unknown key', '#cloud-config\nruncmds: []\n', [['P0107', '2:1 unknown key `runcmds`']]],
  ['a wrong type', '#cloud-config\nruncmd: ls\n', [['P0103', '2:9 `runcmd` must be a list, not a text']]],
  [
    'a number as mode',
    '#cloud-config\nwrite_files: [{ path: /etc/a, permissions: 0644 }]\n',
    [['P0103', '2:44 `write_files[0].permissions` must be a text, not a number']],
  ],
  [
    'a relative path',
    '#cloud-config\nwrite_files: [{ path: etc/a }]\n',
    [['P0105', '2:23 `write_files[0].path` is malformed: "etc/a"']],
  ],
  [
    "k3s's configuration",
    '#cloud-config\nwrite_files: [{ path: /etc/rancher/k3s/config.yaml.d/a.yaml }]\n',
    [['L0053', "2:23 `/etc/rancher/k3s/config.yaml.d/a.yaml` is k3s's own settings"]],
  ],
  [
    'the way around',
    '#cloud-config\nwrite_files: [{ path: /etc/../var/lib/rancher/x }]\n',
    [['L0053', "2:23 `/etc/../var/lib/rancher/x` is k3s's own state"]],
  ],
  [
    "settings of k3s's unit",
    '#cloud-config\nwrite_files: [{ path: /etc/systemd/system/k3s.service.d/a.conf }]\n',
    [['L0053', '2:23 `/etc/systemd/system/k3s.service.d/a.conf` is a unit that this node starts by']],
  ],
  [
    'the read-only root',
    '#cloud-config\nwrite_files: [{ path: /usr/local/bin/x }]\n',
    [['L0053', '2:23 `/usr/local/bin/x` is a part of the read-only root file system']],
  ],
  [
    'a unit that is stopped',
    '#cloud-config\nruncmd: [[systemctl, disable, --now, k3s]]\n',
    [['L0053', '2:10 this command stops `k3s.service`, a unit that this node lives by']],
  ],
  [
    'a redirection',
    '#cloud-config\nbootcmd: ["echo a > /etc/rancher/k3s/config.yaml"]\n',
    [['L0053', "2:11 this command changes `/etc/rancher/k3s/config.yaml`, k3s's own settings"]],
  ],
  [
    'a password',
    '#cloud-config\nusers: [{ name: kiosk, plain_text_passwd: hunter2 }]\n',
    [['L0054', '2:24 `plain_text_passwd`: everybody who gets hold of the image reads it']],
  ],
  [
    'a password as hash',
    '#cloud-config\nusers: [{ name: kiosk, passwd: hunter2 }]\n',
    [['L0054', '2:24 `passwd` of kiosk is not a hash: everybody who gets hold of the image reads it']],
  ],
  [
    'a place that is on no partition that is kept',
    '#cloud-config\nwrite_files: [{ path: /opt/x }]\n',
    [['L0053', '2:23 `/opt/x` is not on the data partition: /etc, /var, /home and /root can be written']],
  ],
  [
    'the list of accounts',
    '#cloud-config\nwrite_files: [{ path: /etc/passwd, append: true }]\n',
    [['L0053', '2:23 `/etc/passwd` is the list of accounts']],
  ],
  [
    'a folder',
    '#cloud-config\nwrite_files: [{ path: /etc/systemd/system }]\n',
    [['L0053', '2:23 `/etc/systemd/system` is a folder']],
  ],
  [
    'settings of a mount of the node',
    '#cloud-config\nwrite_files: [{ path: /etc/systemd/system/var-lib-rancher.mount.d/a.conf }]\n',
    [
      [
        'L0053',
        '2:23 `/etc/systemd/system/var-lib-rancher.mount.d/a.conf` is a unit that this node starts by',
      ],
    ],
  ],
  [
    'a start that ends at once, every time',
    '#cloud-config\nbootcmd: [[systemctl, reboot]]\nruncmd: [reboot]\n',
    [['L0053', '2:11 this command ends every start before the node is up']],
  ],
  [
    'a content that is not of its encoding',
    '#cloud-config\nwrite_files: [{ path: /etc/a, content: "a b", encoding: b64 }, { path: /etc/b, content: YQ==, encoding: gz+b64 }]\n',
    [
      ['L0088', '2:47 the content of `/etc/a` is no b64: cloud-init would not write what is meant'],
      ['L0088', '2:95 the content of `/etc/b` is no gz+b64: cloud-init would not write what is meant'],
    ],
  ],
  [
    'a private key in base64',
    '#cloud-config\nwrite_files: [{ path: /etc/a, content: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t, encoding: b64 }]\n',
    [['L0054', '2:23 `/etc/a` is a private key: everybody who gets hold of the image reads it']],
  ],
  [
    'half a public key',
    '#cloud-config\nusers: [{ name: kiosk, ssh_authorized_keys: [ssh-ed25519] }]\n',
    [['R0404', '2:46 the key is cut short or altered']],
  ],
  [
    'the user of the distribution',
    '#cloud-config\nusers: [default, { name: kiosk }]\n',
    [['P0103', '2:9 `users[0]` must be a map, not a text']],
  ],
])('refuses %s', (_, text, expected) => {
  expect(faultsOf(text)).toEqual(expected)
})

test('a password that cloud-init locks is a warning', () => {
  const of = (more: string): readonly (readonly string[])[] =>
    faultsOf(`#cloud-config\nusers: [{ name: kiosk, hashed_passwd: ${more} }]\n`)
  const told = [['L0088', '2:24 `hashed_passwd` lets kiosk in nowhere: cloud-init locks passwords']]
  expect(of('"$6$salt$hash"')).toEqual(told)
  expect(of('"$6$salt$hash", lock_passwd: false')).toEqual([])
  expect(of('"*"')).toEqual([])
})

test('the root of an image of the user can be written, but for what a node starts by', () => {
  const text = (path: string): string => `#cloud-config\nwrite_files: [{ path: ${path} }]\n`
  const codesOf = (path: string): readonly string[] =>
    readFragment('./site.yaml', { path: 'site.yaml', text: text(path) }, 'whole')[1].map(({ code }) => code)
  for (const path of ['/usr/local/bin/x', '/opt/x', '/srv/x', '/usr/lib/systemd/system/x.service'])
    expect(codesOf(path)).toEqual([])
  for (const path of [
    '/boot/firmware/config.txt',
    '/usr/lib/appliance/launcher',
    '/usr/lib/systemd/system/k3s.service.d/a.conf',
    '/payload/x',
    '/etc',
  ])
    expect(codesOf(path)).toEqual(['L0053'])
})

test.each([
  ['packages: [vim]', /base\.packages/, /in the image itself/],
  ['rpi: {}', /`pi` in the profile/, /in the image itself/],
  ['enable_ssh: true', /on every node/, /on every node/],
])('where to put `%s` instead', (line, ours, theirs) => {
  const file = { path: 'site.yaml', text: `#cloud-config\n${line}\n` }
  const helpOn = (root: 'data' | 'whole') => readFragment('./site.yaml', file, root)[1][0]
  expect(helpOn('data')).toMatchObject({ code: 'L0051', help: expect.stringMatching(ours) })
  expect(helpOn('whole')).toMatchObject({ code: 'L0051', help: expect.stringMatching(theirs) })
})

test('a colon that makes a map of a command is pointed at', () => {
  const text = "#cloud-config\nruncmd:\n  - echo 'a: b'\n"
  const [, faults] = readFragment('./site.yaml', { path: 'site.yaml', text })
  expect(faults).toMatchObject([
    { code: 'P0103', help: expect.stringContaining('put the whole line in quotes') },
  ])
})

test('no text of a password is shown', () => {
  const text = '#cloud-config\nusers: [{ name: kiosk, passwd: hunter2 }]\n'
  const [, faults] = readFragment('./site.yaml', { path: 'site.yaml', text })
  for (const { secret, message } of faults) {
    expect(message).not.toContain('hunter2')
    expect(secret === undefined ? '' : text.slice(secret.start, secret.end)).toContain('hunter2')
  }
})

test.each([
  'systemctl restart systemd-networkd',
  'cat /etc/rancher/k3s/k3s.yaml > /root/kubeconfig',
  'echo k3s >> /etc/motd',
  'systemctl status k3s',
  'reboot',
  'cp /etc/rancher/k3s/k3s.yaml /root/kubeconfig',
])('lets be: %s', (command) => {
  expect(faultsOf(`#cloud-config\nruncmd: [${JSON.stringify(command)}]\n`)).toEqual([])
})
