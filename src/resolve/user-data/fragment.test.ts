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
    [
      [
        'L0053',
        "2:23 `/etc/rancher/k3s/config.yaml.d/a.yaml` is k3s's own settings; use `cluster.k3s` in the profile",
      ],
    ],
  ],
  [
    'the way around',
    '#cloud-config\nwrite_files: [{ path: /etc/../var/lib/rancher/x }]\n',
    [
      [
        'L0053',
        "2:23 `/etc/../var/lib/rancher/x` is k3s's own state; use `images.manifests` and `images.charts` in the profile",
      ],
    ],
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
    [['L0053', '2:10 this command stops a unit that this node lives by']],
  ],
  [
    'a redirection',
    '#cloud-config\nbootcmd: ["echo a > /etc/rancher/k3s/config.yaml"]\n',
    [['L0053', '2:11 this command writes where k3s and this node keep what is theirs']],
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
])('refuses %s', (_, text, expected) => {
  expect(faultsOf(text)).toEqual(expected)
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
])('lets be: %s', (command) => {
  expect(faultsOf(`#cloud-config\nruncmd: [${JSON.stringify(command)}]\n`)).toEqual([])
})
