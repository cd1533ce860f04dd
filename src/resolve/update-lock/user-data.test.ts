import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineColumnOf } from '../../diagnostics/source-file.ts'
import { parseYaml } from '../../diagnostics/yaml/parse-yaml.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { createTestHost } from '../../host/testing.ts'
import { sha256Hex } from '../../plan/hash.ts'
import type { Profile } from '../../profile/schema.ts'
import { sampleBaseImage } from '../base-image/testing.ts'
import { changedBaseImage, changedUserData, placeInUserData } from '../read-inputs.ts'
import { readUserData } from './user-data.ts'
import { writeFiles } from './workloads/testing.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'user-data-'))
})

afterEach(() => rm(folder, { recursive: true }))

const profileText = `access:
  users: [{ name: ops }]
userData: [./one.yaml, ./two.yaml]
`

const setUp = async (files: Readonly<Record<string, string>>, profile = profileText) => {
  const host = createTestHost()
  await writeFiles(host, folder, files)
  const [tree] = parseYaml({ path: 'lab.yaml', text: profile })
  if (tree === undefined) throw new Error('the profile of the test is malformed')
  const user = { files: host.files, folder, tree }
  return { host, user, profile: tree.value as Profile }
}

const read = async (files: Readonly<Record<string, string>>, text = profileText) => {
  const { user, profile } = await setUp(files, text)
  const [locked, faults] = await readUserData(user, profile)
  return {
    locked,
    faults: faults.map(({ code, message, range, related }) =>
      [
        code,
        message,
        ...[range, ...(related ?? []).map((each) => each.range)].map((each) =>
          each === undefined
            ? ''
            : `${each.file.path.replace(`${folder}/`, '')}:${lineColumnOf(each.file, each.start).line}`,
        ),
      ].join(' | '),
    ),
  }
}

test('fragments are pinned with what they say', async () => {
  const { locked, faults } = await read({
    'one.yaml': '#cloud-config\nruncmd: [date]\nwrite_files: [{ path: /etc/hosts.extra, content: a }]\n',
    'two.yaml': '#cloud-config\nwrite_files: [{ path: /etc/hosts.extra, content: b, append: true }]\n',
  })
  expect(faults).toEqual([])
  expect(locked?.map(({ file, config }) => [file, Object.keys(config)])).toEqual([
    ['./one.yaml', ['runcmd', 'write_files']],
    ['./two.yaml', ['write_files']],
  ])
})

test('one thing with two owners is told with both places', async () => {
  const { locked, faults } = await read({
    'one.yaml':
      '#cloud-config\nusers:\n- { name: ops }\n- { name: root }\nwrite_files:\n- { path: /etc/motd }\n',
    'two.yaml': '#cloud-config\nwrite_files:\n- { path: /etc/./motd }\n',
  })
  expect(locked).toBeUndefined()
  expect(faults).toEqual([
    'L0052 | the user ops has two owners | one.yaml:3 | lab.yaml:2',
    'L0052 | the user `root` belongs to the base | one.yaml:4',
    'L0052 | the file /etc/motd has two owners | two.yaml:3 | one.yaml:6',
  ])
})

test('accounts are there when files are written for them, and numbers are free', async () => {
  const { faults } = await read({
    'one.yaml': `#cloud-config
users:
- { name: kiosk, groups: [panel], uid: 2000 }
- { name: scale, homedir: /var/scale, uid: 1000 }
write_files:
- { path: /etc/a, owner: "daemon:video" }
- { path: /etc/b, owner: "kiosk:panel" }
- { path: /etc/c, owner: "kiosk:panel", defer: true }
- { path: /etc/d, owner: nobody-else, defer: true }
- { path: /home/ops/.profile }
- { path: /var/scale/a }
- { path: /home/kiosk/a, owner: kiosk, defer: true }
- { path: /home/somebody/a }
`,
    'two.yaml': '#cloud-config\nusers: [{ name: other, uid: 2000 }]\n',
  })
  expect(faults).toEqual([
    "L0056 | the number 1000 may be another's | one.yaml:4",
    'L0056 | there is no user `kiosk` yet when `/etc/b` is written: cloud-init would write no file after it | one.yaml:7',
    'L0056 | there is no group `panel` yet when `/etc/b` is written: cloud-init would write no file after it | one.yaml:7',
    'L0056 | there is no user `nobody-else` yet when `/etc/d` is written: cloud-init would write no file after it | one.yaml:9',
    "L0088 | `/home/ops/.profile` is written before there is a ops, whose home would be root's then | one.yaml:10",
    "L0088 | `/var/scale/a` is written before there is a scale, whose home would be root's then | one.yaml:11",
    'L0052 | the uid 2000 has two owners | two.yaml:2 | one.yaml:3',
  ])
})

test('what packages or an image may bring is a warning', async () => {
  const files = {
    'one.yaml': '#cloud-config\nwrite_files: [{ path: /opt/a, owner: mosquitto }]\n',
    'two.yaml': '#cloud-config\n{}\n',
  }
  const { locked, faults } = await read(files, `${profileText}base: { image: { file: ./a.img } }\n`)
  expect(locked).toHaveLength(2)
  expect(faults).toEqual([
    'L0056 | nothing tells whether there is a user `mosquitto` when `/opt/a` is written | one.yaml:2',
  ])
})

test('no file lies below another one', async () => {
  const { faults } = await read({
    'one.yaml': '#cloud-config\nwrite_files: [{ path: /etc/scale }]\n',
    'two.yaml': '#cloud-config\nwrite_files: [{ path: /etc/scale/a }]\n',
  })
  expect(faults).toEqual([
    'L0052 | `/etc/scale/a` lies below `/etc/scale`, which is to be no directory | two.yaml:2 | one.yaml:2',
  ])
})

test('a file that is missing, and one that is too large', async () => {
  const { faults } = await read({ 'two.yaml': `#cloud-config\n#${'x'.repeat(300_000)}\n` })
  expect(faults.map((fault) => fault.slice(0, 5))).toEqual(['L0039', 'L0050'])
})

test('a fragment that has changed since is told, and used as it was', async () => {
  const { host, user, profile } = await setUp({
    'one.yaml': '#cloud-config\n{}\n',
    'two.yaml': '#cloud-config\n{}\n',
  })
  const [locked] = await readUserData(user, profile)
  expect(await changedUserData(user, locked ?? [])).toEqual([])
  await host.files.writeAtomic(join(folder, 'two.yaml'), '#cloud-config\nruncmd: [date]\n')
  expect((await changedUserData(user, locked ?? [])).map(({ code, severity }) => [code, severity])).toEqual([
    ['L0040', 'warning'],
  ])
})

test('so is a base image, by its file', async () => {
  const { host, user } = await setUp({ 'base.img': 'a disk' })
  const request = { from: 'file', source: './base.img', sha256: null, format: null } as const
  const artifact = { name: 'base.img', sha256: sha256Hex('a disk'), sizeBytes: 6 }
  const base = { image: { ...sampleBaseImage, source: './base.img', artifact } }
  const [before, after] = [
    { created: '2020-01-02T03:04:05Z', base },
    { created: '2999-01-02T03:04:05Z', base },
  ]
  const changed = (locked = before, asked = request) =>
    changedBaseImage(user, asked, locked, host.files.sha256)
  const told = {
    code: 'L0040',
    severity: 'warning',
    message: './base.img has changed since the lock was made, and is used as it was',
  }
  expect(await changed()).toEqual([])
  // Older than the lock, as wget, tar and `rsync -a` leave it, but here since then.
  await host.files.writeAtomic(join(folder, 'base.img'), 'b disk', { mtimeSeconds: 1_500_000_000 })
  expect(await changed()).toMatchObject([told])
  expect(await changed(after)).toEqual([])
  await host.files.writeAtomic(join(folder, 'base.img'), 'another disk')
  expect(await changed()).toMatchObject([told])
  // Gone, a build needs it no more; and another one is another matter.
  expect(await changed(before, { ...request, source: './other.img' as typeof request.source })).toEqual([])
  await host.files.remove(join(folder, 'base.img'))
  expect(await changed()).toEqual([])
})

/** Where a fault of the plan about the second fragment is told: first its place, then what leads there. */
const placesOf = async (one: string, two: string, within: Path, change = '', profileWith = profileText) => {
  const { host, user, profile } = await setUp({ 'one.yaml': one, 'two.yaml': two }, profileWith)
  const [locked] = await readUserData(user, profile)
  if (change !== '') await host.files.writeAtomic(join(folder, 'two.yaml'), change)
  const fault = {
    code: 'L0052',
    severity: 'error',
    message: 'taken',
    subject: { path: ['userData', 1], within },
  } as const
  const [placed] = await placeInUserData(user, profile, locked ?? [], [fault])
  return [placed?.range, ...(placed?.related ?? []).map(({ range }) => range)].map((range) =>
    range === undefined
      ? 'nowhere yet'
      : `${range.file.path.replace(`${folder}/`, '')}:${lineColumnOf(range.file, range.start).line}`,
  )
}

test.each<readonly [Path, string]>([
  [['write_files', 1, 'path'], 'two.yaml:4'],
  [['write_files', 1, 'content'], 'two.yaml:5'],
  [['runcmd', 0], 'two.yaml:8'],
])('what the plan says of %j has its place in the fragment', async (within, place) => {
  const one = '#cloud-config\nruncmd: [date]\n'
  const two = `#cloud-config
write_files:
- { path: /etc/motd }
- path: /etc/./hosts
  content: |
    a
runcmd:
- [systemctl, disable, ssh]
`
  expect(await placesOf(one, two, within)).toEqual([place, 'lab.yaml:3'])
  // One that has changed since says nothing of what was pinned.
  expect(await placesOf(one, two, within, one)).toEqual(['nowhere yet'])
})

test.each<readonly [Path, string]>([
  [['storage', 'links', 0, 'path'], 'two.yaml:5'],
  [['systemd', 'units', 0, 'dropins', 0, 'contents'], 'two.yaml:9'],
  [['systemd', 'units', 0, 'name'], 'two.yaml:8'],
])('and %j in one for Ignition', async (within, place) => {
  const two = butane(`storage:
  links:
  - { path: /etc/localtime, target: a }
systemd:
  units:
  - name: ssh.service
    dropins: [{ name: a.conf, contents: "[Unit]" }]
`)
  const one = butane('passwd: { users: [{ name: kiosk }] }\n')
  expect(await placesOf(one, two, within, '', ignitionProfile())).toEqual([place, 'lab.yaml:4'])
})

const ignitionProfile = (base = '') => `access:
  users: [{ name: ops }]
provision: ignition
${base}userData: [./one.yaml, ./two.yaml]
`
const butane = (rest: string) => `variant: fcos\nversion: 1.4.0\n${rest}`

test("fragments for Ignition are pinned as Ignition's own", async () => {
  const { locked, faults } = await read(
    {
      'one.yaml': butane('storage:\n  files: [{ path: /etc/motd, contents: { inline: hello } }]\n'),
      'two.yaml': '{ "ignition": { "version": "3.0.0" }, "passwd": { "users": [{ "name": "kiosk" }] } }\n',
    },
    ignitionProfile(),
  )
  expect(faults).toEqual([])
  expect(locked?.map(({ kind, file, config }) => [kind, file, config])).toMatchObject([
    ['ignition', './one.yaml', { storage: { files: [{ contents: { source: 'data:,hello' } }] } }],
    ['ignition', './two.yaml', { ignition: { version: '3.3.0' }, passwd: { users: [{ name: 'kiosk' }] } }],
  ])
})

test('for Ignition: users, their groups, paths of every kind and units have one owner', async () => {
  const { faults } = await read(
    {
      'one.yaml': butane(`passwd:
  users:
  - { name: ops }
  - { name: root }
  - { name: video }
storage:
  directories:
  - { path: /etc/scale }
  links:
  - { path: /etc/here, target: scale }
  files:
  - { path: /etc/here/a }
systemd:
  units:
  - { name: a.service, dropins: [{ name: a.conf, contents: "[Unit]" }] }
`),
      'two.yaml': butane(`passwd:
  groups:
  - { name: ops }
storage:
  files:
  - { path: /etc/./scale }
  - { path: /etc/systemd/system/a.service }
  - { path: /etc/systemd/system/a.service.d/a.conf }
systemd:
  units:
  - { name: a.service }
`),
    },
    ignitionProfile(),
  )
  expect(faults).toEqual([
    'L0052 | the user ops has two owners | one.yaml:5 | lab.yaml:2',
    'L0052 | the user `root` belongs to the base | one.yaml:6',
    'L0052 | the group `video` belongs to the base | one.yaml:7',
    'L0052 | `/etc/here/a` lies below `/etc/here`, which is to be no directory | one.yaml:14 | one.yaml:12',
    'L0052 | the group ops has two owners | two.yaml:5 | lab.yaml:2',
    'L0052 | the path /etc/scale has two owners | two.yaml:8 | one.yaml:10',
    'L0052 | the unit a.service has two owners | two.yaml:9 | one.yaml:17',
    'L0052 | the path /etc/systemd/system/a.service.d/a.conf has two owners | two.yaml:10 | one.yaml:17',
    'L0052 | the unit a.service has two owners | two.yaml:13 | one.yaml:17',
  ])
})

test('for Ignition: numbers of users and of groups have one owner', async () => {
  const numbered = (name: string) =>
    butane(`passwd:
  users:
  - { name: ${name}, uid: 2000 }
  groups:
  - { name: ${name}s, gid: 2000 }
`)
  const { faults } = await read(
    { 'one.yaml': numbered('one'), 'two.yaml': numbered('two') },
    ignitionProfile(),
  )
  expect(faults).toEqual([
    'L0052 | the uid 2000 has two owners | two.yaml:5 | one.yaml:5',
    'L0052 | the gid 2000 has two owners | two.yaml:7 | one.yaml:7',
  ])
})

const accounts = {
  'one.yaml': butane(`passwd:
  users:
  - { name: kiosk, groups: [video, panel, later, ops, vidoe] }
  - { name: later, uid: 1000 }
`),
  'two.yaml': butane(`passwd:
  groups: [{ name: panel }]
storage:
  files:
  - { path: /etc/a, user: { name: kiosk }, group: { name: later } }
  - { path: /etc/b, user: { name: nobody-else } }
`),
}
const unknownAccounts = [
  'L0056 | there is no group `later` when Ignition asks for it | one.yaml:5',
  'L0056 | there is no group `vidoe` when Ignition asks for it | one.yaml:5',
  "L0056 | the number 1000 may be another's | one.yaml:6",
  'L0056 | there is no user `nobody-else` when Ignition asks for it | two.yaml:8',
]

test('for Ignition: accounts that are not there when it asks for them', async () => {
  const { locked, faults } = await read(accounts, ignitionProfile())
  expect(locked).toBeUndefined()
  expect(faults).toEqual(unknownAccounts)
  expect(new Set(faults.map((fault) => fault.slice(0, 5)))).toEqual(new Set(['L0056']))
})

test('packages of the profile may bring accounts: those that are not known are told', async () => {
  const sound = { ...accounts, 'one.yaml': accounts['one.yaml'].replace(', uid: 1000', '') }
  const { locked, faults } = await read(sound, ignitionProfile('base: { packages: [mosquitto] }\n'))
  expect(locked).toHaveLength(2)
  expect(faults).toEqual(
    unknownAccounts
      .filter((fault) => !fault.includes('1000'))
      .map((fault) => fault.replace('there is no', 'nothing tells whether there is a')),
  )
})

test('a base image has accounts of its own: those that not all have are told', async () => {
  const own = (groups: string) => ({
    'one.yaml': butane(`passwd: { users: [{ name: kiosk, groups: [${groups}] }] }\n`),
    'two.yaml': butane(''),
  })
  const profile = ignitionProfile('base: { image: { file: ./coreos.raw.xz } }\n')
  expect((await read(own('video, sudo'), profile)).faults).toEqual([])
  const { locked, faults } = await read(own('wheel, plugdev'), profile)
  expect(locked).toHaveLength(2)
  expect(faults).toEqual(
    ['wheel', 'plugdev'].map((name) =>
      expect.stringContaining(`nothing tells whether there is a group \`${name}\``),
    ),
  )
})

test('one front end does not take what is for the other', async () => {
  const files = { 'one.yaml': '#cloud-config\n{}\n', 'two.yaml': butane('') }
  expect((await read(files)).faults).toEqual([
    'L0050 | the file does not begin with the line `#cloud-config`: cloud-init would pass it over | two.yaml:1',
  ])
  expect((await read(files, ignitionProfile())).faults).toEqual([
    'L0050 | `#cloud-config` is for cloud-init, and Ignition sets up these nodes | one.yaml:1',
  ])
})

test('where Ignition may write on a base image is told once the base is known', async () => {
  const file = (path: string) => `variant: fcos\nversion: 1.4.0\nstorage: { files: [{ path: ${path} }] }\n`
  const files = { 'one.yaml': file('/usr/local/bin/scale'), 'two.yaml': file('/opt/bin/scale') }
  const ofImage = await read(files, ignitionProfile('base: { image: { file: ./a.img } }\n'))
  expect(ofImage.faults).toEqual([])
  expect(ofImage.locked).toHaveLength(2)
  const own = await read(files, ignitionProfile())
  expect(own.locked).toBeUndefined()
  expect(own.faults.map((fault) => fault.split(' | ')[0])).toEqual(['L0053', 'L0053'])
  const kept = { ...files, 'two.yaml': file('/etc/rancher/k3s/config.yaml') }
  expect((await read(kept, ignitionProfile('base: { image: { file: ./a.img } }\n'))).faults).toHaveLength(1)
})
