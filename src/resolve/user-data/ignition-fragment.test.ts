import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { lineColumnOf } from '../../diagnostics/source-file.ts'
import { readIgnitionFragment } from './ignition-fragment.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com'
const butane = 'variant: fcos\nversion: 1.4.0\n'
const json = (rest: object) => JSON.stringify({ ignition: { version: '3.3.0' }, ...rest })

const read = (text: string) => readIgnitionFragment('./site.bu', { path: 'site.bu', text })
const faultsOf = (text: string): readonly (readonly string[])[] => {
  const [fragment, faults] = read(text)
  if (faults.some(({ severity }) => severity === 'error')) expect(fragment).toBeUndefined()
  return faults.map(({ code, message, range }) => {
    const { line, column } =
      range === undefined ? { line: 0, column: 0 } : lineColumnOf(range.file, range.start)
    return [code, `${line}:${column} ${message}`]
  })
}

const asButane = `${butane}passwd:
  groups: [{ name: panel, gid: 2000 }]
  users:
    - name: kiosk
      password_hash: "$6$salt$hash"
      ssh_authorized_keys: ["${key}", "${key}"]
      home_dir: /var/kiosk
      primary_group: panel
storage:
  directories: [{ path: /etc/scale, mode: 0750, group: { name: panel } }]
  files:
    - path: /etc/scale/scale.conf
      mode: 0o640
      user: { name: kiosk }
      contents: { inline: "on\\nyes: 1\\n" }
  links: [{ path: /etc/scale/link, target: scale.conf }]
systemd:
  units:
    - name: scale.service
      enabled: true
      contents: |
        [Service]
        ExecStart=/bin/sh -c 'a; \\
          b'
        [Install]
        WantedBy=multi-user.target
    - { name: ssh.service, dropins: [{ name: 10-a.conf, contents: "[Unit]\\nDescription=a" }] }
`

const unit = "[Service]\nExecStart=/bin/sh -c 'a; \\\n  b'\n[Install]\nWantedBy=multi-user.target\n"
const meant = {
  ignition: { version: '3.3.0' },
  passwd: {
    groups: [{ name: 'panel', gid: 2000 }],
    users: [
      {
        name: 'kiosk',
        passwordHash: '$6$salt$hash',
        sshAuthorizedKeys: [key],
        homeDir: '/var/kiosk',
        primaryGroup: 'panel',
      },
    ],
  },
  storage: {
    directories: [{ path: '/etc/scale', mode: 0o750, group: { name: 'panel' } }],
    files: [
      {
        path: '/etc/scale/scale.conf',
        overwrite: true,
        mode: 0o640,
        user: { name: 'kiosk' },
        contents: { source: 'data:,on%0Ayes%3A%201%0A' },
      },
    ],
    links: [{ path: '/etc/scale/link', target: 'scale.conf', overwrite: true }],
  },
  systemd: {
    units: [
      { name: 'scale.service', enabled: true, contents: unit },
      { name: 'ssh.service', dropins: [{ name: '10-a.conf', contents: '[Unit]\nDescription=a' }] },
    ],
  },
}

test('Butane is locked as Ignition', () => {
  const [fragment, faults] = read(asButane)
  expect(faults).toEqual([])
  expect(fragment?.config).toEqual(meant)
})

test("what Ignition's own keys say is the same, in one line however long", () => {
  const long = { path: '/etc/long', overwrite: true, contents: { source: `data:,${'a%20'.repeat(5000)}` } }
  const text = JSON.stringify({ ...meant, storage: { ...meant.storage, files: [long] } })
  const [fragment, faults] = read(text)
  expect(faults).toEqual([])
  expect(fragment?.config).toEqual(JSON.parse(text))
})

test.each([
  ['Butane 1.6.0', asButane.replace(/^version: .*$/m, 'version: 1.6.0')],
  ["Ignition's 3.5.0", JSON.stringify({ ...meant, ignition: { version: '3.5.0' } })],
])('newer versions are read, and locked as what every base reads: %s', (_, text) => {
  const [fragment, faults] = read(text)
  expect(faults).toEqual([])
  expect(fragment?.config).toEqual(meant)
})

test.each([
  ['base64', { source: 'data:text/plain;base64,b24K' }, 'data:,on%0A'],
  [
    'gzip',
    { source: `data:;base64,${gzipSync('on\n').toString('base64')}`, compression: 'gzip' },
    'data:,on%0A',
  ],
  ['bytes that are no text', { source: 'data:,%FF%00' }, 'data:;base64,/wA='],
  ['text of other languages', { source: 'data:,%C3%BC' }, 'data:,%C3%BC'],
  ['nothing', { source: '', compression: '', verification: {} }, 'data:,'],
])('contents: %s', (_, contents, source) => {
  const [fragment, faults] = read(json({ storage: { files: [{ path: '/etc/a', contents }] } }))
  expect(faults).toEqual([])
  expect(fragment?.config.storage.files[0]?.contents).toEqual({ source })
})

const file = (rest: string) => `${butane}storage: { files: [{ path: /etc/a, ${rest} }] }\n`
const path = (written: string) => `${butane}storage: { files: [{ path: ${written} }] }\n`
const units = (rest: string) => `${butane}systemd: { units: [{ ${rest} }] }\n`
const user = (rest: string) => `${butane}passwd: { users: [{ name: kiosk, ${rest} }] }\n`

test.each<readonly [string, string, string, string]>([
  [
    'a cloud-config',
    '#cloud-config\nruncmd: []\n',
    'L0050',
    '1:1 `#cloud-config` is for cloud-init, and Ignition sets up these nodes',
  ],
  ['a script', '#!/bin/sh\n', 'L0050', '1:1 `#!/bin/sh` is for cloud-init, and Ignition sets up these nodes'],
  [
    'no header',
    'passwd: {}\n',
    'L0050',
    '1:1 the file says neither `variant` nor `ignition.version`: this is not for Ignition',
  ],
  [
    'an unknown variant',
    'variant: openshift\nversion: 1.4.0\n',
    'P0104',
    '1:10 `variant` cannot be `openshift`',
  ],
  [
    'another version',
    '{"ignition":{"version":"2.3.0"}}',
    'P0104',
    '1:24 `ignition.version` cannot be `2.3.0`',
  ],
  [
    'an unknown key',
    `${butane}passwd: { users: [{ name: a, homedir: /home/a }] }\n`,
    'P0107',
    '3:30 unknown key `homedir` in `passwd.users[0]`',
  ],
  [
    'a text as mode',
    file("mode: '0644'"),
    'P0103',
    '3:42 `storage.files[0].mode` must be a whole number, not a text',
  ],
  ['a mode in decimal digits', file('mode: 644'), 'L0055', '3:42 the mode 644 is not octal'],
  ['a mode with setuid', file('mode: 04755'), 'L0055', '3:42 the mode 04755 has more than permissions'],
  [
    'an octal mode as decimal',
    json({ storage: { files: [{ path: '/etc/a', mode: 644 }] } }),
    'L0055',
    '1:77 the mode 644 has more than permissions',
  ],
  ['disks', `${butane}storage: { disks: [] }\n`, 'L0055', '3:12 `disks` cannot be followed on a node'],
  ['raid', `${butane}storage: { raid: [] }\n`, 'L0055', '3:12 `raid` cannot be followed on a node'],
  [
    'file systems',
    `${butane}storage: { filesystems: [] }\n`,
    'L0055',
    '3:12 `filesystems` cannot be followed on a node',
  ],
  ['luks', `${butane}storage: { luks: [] }\n`, 'L0055', '3:12 `luks` cannot be followed on a node'],
  [
    'trees',
    `${butane}storage: { trees: [{ local: a }] }\n`,
    'L0055',
    '3:12 `trees` cannot be followed on a node',
  ],
  [
    'kernel arguments',
    `${butane}kernel_arguments: { should_exist: [quiet] }\n`,
    'L0055',
    '3:1 `kernel_arguments` cannot be followed on a node',
  ],
  [
    'merged configs',
    '{"ignition":{"version":"3.3.0","config":{"merge":[]}}}',
    'L0055',
    '1:32 `config` cannot be followed on a node',
  ],
  [
    'a proxy',
    '{"ignition":{"version":"3.3.0","proxy":{}}}',
    'L0055',
    '1:32 `proxy` cannot be followed on a node',
  ],
  ['a local file', file('contents: { local: a }'), 'L0055', '3:48 `local` cannot be followed on a node'],
  [
    'a remote file',
    file('contents: { source: "https://example.com/a" }'),
    'L0055',
    '3:48 `https:` cannot be fetched',
  ],
  ['a remote bucket', file('contents: { source: "s3://bucket/a" }'), 'L0055', '3:48 `s3:` cannot be fetched'],
  [
    'a hash beside it',
    file('contents: { inline: a, verification: { hash: sha512-00 } }'),
    'L0055',
    '3:75 `hash` cannot be followed on a node',
  ],
  [
    'two contents',
    file('contents: { inline: a, source: "data:,a" }'),
    'L0055',
    '3:59 `inline` and `source` exclude each other',
  ],
  [
    'inline in JSON',
    json({ storage: { files: [{ path: '/etc/a', contents: { inline: 'a' } }] } }),
    'L0055',
    '1:82 `inline` cannot be followed on a node',
  ],
  ['a malformed URL', file('contents: { source: "data:,%" }'), 'L0055', '3:48 the `data:` URL is malformed'],
  [
    'no gzip',
    file('contents: { source: "data:,a", compression: gzip }'),
    'L0055',
    '3:67 this is no gzip, or unpacks to more than 1048576 bytes',
  ],
  [
    'what is appended',
    file('append: [{ inline: a }]'),
    'L0055',
    '3:36 `append` cannot be followed on a node',
  ],
  [
    'an owner by both',
    file('user: { id: 2000, name: kiosk }'),
    'L0055',
    '3:44 `id` and `name` exclude each other',
  ],
  [
    'a hard link',
    `${butane}storage: { links: [{ path: /etc/a, target: b, hard: true }] }\n`,
    'L0055',
    '3:47 a hard link cannot be followed on a node',
  ],
  [
    'an emptied directory',
    `${butane}storage: { directories: [{ path: /etc/a, overwrite: true }] }\n`,
    'L0055',
    '3:42 `overwrite` of a directory takes away all that is in it, at every new seed',
  ],
  [
    'a user taken away',
    user('should_exist: false'),
    'L0055',
    '3:34 `should_exist` cannot be followed on a node',
  ],
  [
    "k3s's configuration",
    path('/etc/rancher/k3s/config.yaml.d/a.yaml'),
    'L0053',
    "3:28 `/etc/rancher/k3s/config.yaml.d/a.yaml` is k3s's own settings",
  ],
  ['a folder above it', path('/var/lib'), 'L0053', '3:28 `/var/lib` is a folder that the node itself needs'],
  ['a folder of the image', path('/etc'), 'L0053', '3:28 `/etc` is a folder of the image'],
  [
    'the way around',
    path('/etc/../var/lib/rancher/x'),
    'L0053',
    "3:28 `/etc/../var/lib/rancher/x` is k3s's own state",
  ],
  [
    'the read-only root',
    path('/usr/local/bin/x'),
    'L0053',
    '3:28 `/usr/local/bin/x` is a part of the read-only root file system',
  ],
  [
    'another part of it',
    path('/opt/x'),
    'L0053',
    '3:28 `/opt/x` is not on the data partition: /etc, /var, /home and /root can be written',
  ],
  ['memory', path('/var/run/x'), 'L0053', '3:28 `/var/run/x` is a link into memory, which a start empties'],
  ['accounts', path('/etc/shadow'), 'L0053', '3:28 `/etc/shadow` is the list of accounts'],
  [
    "k3s's unit",
    units('name: k3s.service, dropins: [{ name: a.conf, contents: "[Service]" }]'),
    'L0053',
    '3:28 `k3s.service` is a unit that this node starts by',
  ],
  [
    'a home on the read-only root',
    user('home_dir: /opt/kiosk'),
    'L0053',
    '3:34 `/opt/kiosk` is not on the data partition',
  ],
  [
    'a password',
    user('password_hash: hunter2'),
    'L0054',
    '3:34 the password hash of kiosk is not a hash: everybody who gets hold of the image reads it',
  ],
  [
    'a private key',
    file('contents: { inline: "-----BEGIN OPENSSH PRIVATE KEY-----" }'),
    'L0054',
    '3:28 `/etc/a` is a private key: everybody who gets hold of the image reads it',
  ],
  [
    'a private key in base64',
    file('contents: { source: "data:;base64,LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t" }'),
    'L0054',
    '3:28 `/etc/a` is a private key: everybody who gets hold of the image reads it',
  ],
  [
    'a password in clear',
    user('password: hunter2'),
    'L0054',
    '3:34 `password`: everybody who gets hold of the image reads it',
  ],
  [
    'half a public key',
    user('ssh_authorized_keys: [ssh-ed25519]'),
    'R0404',
    '3:56 the key is cut short or altered',
  ],
  [
    'a unit without a type',
    units('name: scale'),
    'P0105',
    '3:28 `systemd.units[0].name` is malformed: "scale"',
  ],
  [
    'a unit with no sections',
    units('name: a.service, contents: "ExecStart=/bin/true"'),
    'L0057',
    '3:39 a.service: `ExecStart=/bin/true` stands before any `[Section]`',
  ],
  [
    'a unit with half a line',
    units('name: a.service, contents: "[Service]\\nExecStart"'),
    'L0057',
    '3:39 a.service: `ExecStart` is neither `[Section]` nor `Key=value`',
  ],
  [
    'a unit that never starts',
    units('name: a.service, enabled: true, contents: "[Service]\\nExecStart=/bin/true"'),
    'L0057',
    '3:39 a.service is enabled, but has no `[Install]` section: it would never start',
  ],
  [
    'settings of a mount of the node',
    units('name: var-lib-rancher.mount, dropins: [{ name: a.conf, contents: "[Mount]" }]'),
    'L0053',
    '3:28 `var-lib-rancher.mount` is a unit that this node starts by',
  ],
  [
    'the folder of units as a link',
    'variant: fcos\nversion: 1.4.0\nstorage: { links: [{ path: /etc/systemd/system, target: /etc/a }] }\n',
    'L0053',
    '3:28 `/etc/systemd/system` is the folder of all units',
  ],
  [
    'a unit beside which k3s does not run',
    units(
      'name: a.service, contents: "[Unit]\\nConflicts=b.service k3s.service\\n[Service]\\nExecStart=/bin/true"',
    ),
    'L0053',
    '3:39 a.service stops `k3s.service`, a unit that this node lives by (`Conflicts=`)',
  ],
  [
    'a unit that stops k3s',
    units('name: a.service, contents: "[Service]\\nExecStart=-/bin/systemctl stop k3s"'),
    'L0053',
    '3:39 a.service stops `k3s.service`, a unit that this node lives by',
  ],
  [
    'another config to merge',
    'variant: fcos\nversion: 1.4.0\nignition: { config: { merge: [] } }\n',
    'L0055',
    '3:1 `ignition` cannot be followed on a node',
  ],
  [
    'a unit that is hidden',
    units('name: a.service, mask: true, contents: "[Service]"'),
    'L0057',
    '3:39 a.service is masked, and written too',
  ],
])('refuses %s', (_, text, code, place) => {
  expect(faultsOf(text)).toEqual([[code, place]])
})

test.each(['password_hash', 'password'])('no text of a password is shown: %s', (name) => {
  const text = user(`${name}: hunter2`)
  const [, faults] = read(text)
  for (const { secret, message } of faults) {
    expect(message).not.toContain('hunter2')
    expect(secret === undefined ? '' : text.slice(secret.start, secret.end)).toContain('hunter2')
  }
})
