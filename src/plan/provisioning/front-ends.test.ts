import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { dataUrl } from '../../resolve/user-data/data-url.ts'
import { sampleNode, sampleProfile } from '../testing.ts'
import { cloudConfigText } from './cloud-config.ts'
import { planDocuments } from './documents.ts'
import { untilDone, whenDone } from './first-start.ts'
import { ownIgnition, planIgnition } from './ignition.ts'
import type { Provisioning } from './provisioning.ts'
import { everyProvision } from './testing.ts'

const nothing: Provisioning = {
  hostname: null,
  network: null,
  kernelArguments: { present: [], absent: [] },
  rootSize: 'as-it-is',
  timezone: 'Europe/Berlin',
  groups: [],
  users: [],
  directories: [],
  files: [],
  links: [],
  units: [],
  commands: [],
}

test('cloud-config: what has no key of its own is made by commands, directories and links before files', () => {
  expect(parse(cloudConfigText(everyProvision, { runcmd: ['date'], users: [{ name: 'kiosk' }] }))).toEqual({
    hostname: 'oven-1',
    manage_etc_hosts: 'localhost',
    growpart: { mode: 'off' },
    resize_rootfs: false,
    timezone: 'Europe/Berlin',
    bootcmd: [
      untilDone(['a.service']),
      ['systemctl', 'mask', '--now', '--no-block', 'swap.target'],
      ['install', '-d', '-m', '0750', '/opt/a'],
      ['ln', '-sfn', '/payload/bin/k3s', '/usr/local/bin/k3s'],
    ],
    groups: ['panel'],
    write_files: [
      { path: '/etc/a', permissions: '0640', content: 'on\nyes: "no" # 100 %\n' },
      {
        path: '/etc/systemd/system/a.service',
        permissions: '0644',
        content: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
      },
      { path: '/etc/systemd/system/c.service', permissions: '0644', content: '[Service]\n' },
    ],
    runcmd: [
      ['sync'],
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'disable', 'b.timer'],
      ['systemctl', 'enable', 'a.service'],
      ['/usr/bin/true', 'a b'],
      whenDone(['date']),
    ],
    users: [
      {
        name: 'ops',
        shell: '/bin/bash',
        lock_passwd: true,
        groups: ['sudo'],
        sudo: 'ALL=(ALL) ALL',
        ssh_authorized_keys: ['ssh-ed25519 AAAA ops'],
      },
      { name: 'guest', shell: '/bin/sh', lock_passwd: true },
      { name: 'kiosk' },
    ],
  })
})

test('cloud-config: nobody but those who are named, not even the user of the distribution', () => {
  expect(parse(cloudConfigText(nothing, {}))).toEqual({
    timezone: 'Europe/Berlin',
    bootcmd: [untilDone([])],
    runcmd: [whenDone()],
    users: [],
  })
})

const file = (path: string, mode: number, text: string) => ({
  path,
  overwrite: true,
  mode,
  contents: { source: dataUrl(text) },
})
const endZero = `[Match]
Name=end0

[Network]
Address=192.168.10.11/24
Address=fd00::11/64
Gateway=192.168.10.1
DNS=192.168.10.1
DNS=fd00::1
`
const byMac = `[Match]
Type=ether
MACAddress=52:54:00:00:00:01

[Network]
DHCP=ipv4

[DHCPv4]
UseGateway=no
`

test('Ignition: the same things, and every file may be written a second time', () => {
  expect(planIgnition(everyProvision, ownIgnition)).toEqual({
    ignition: { version: '3.3.0' },
    kernelArguments: { shouldExist: ['quiet', 'panic=10'], shouldNotExist: ['splash'] },
    passwd: {
      groups: [{ name: 'panel', system: true }],
      users: [
        { name: 'ops', shell: '/bin/bash', groups: ['sudo'], sshAuthorizedKeys: ['ssh-ed25519 AAAA ops'] },
        { name: 'guest', shell: '/bin/sh' },
      ],
    },
    storage: {
      directories: [{ path: '/opt/a', mode: 0o750 }],
      files: [
        {
          path: '/etc/sudoers.d/90-appliance',
          overwrite: true,
          mode: 0o440,
          contents: { source: 'data:,ops%20ALL%3D(ALL)%20ALL%0A' },
        },
        { path: '/etc/hostname', overwrite: true, mode: 0o644, contents: { source: 'data:,oven-1%0A' } },
        file('/etc/systemd/network/10-end0.network', 0o644, endZero),
        file('/etc/systemd/network/10-525400000001.network', 0o644, byMac),
        {
          path: '/etc/a',
          overwrite: true,
          mode: 0o640,
          contents: { source: 'data:,on%0Ayes%3A%20%22no%22%20%23%20100%20%25%0A' },
        },
      ],
      links: [
        { path: '/etc/localtime', target: '../usr/share/zoneinfo/Europe/Berlin', overwrite: true },
        { path: '/usr/local/bin/k3s', target: '/payload/bin/k3s', overwrite: true },
      ],
    },
    systemd: {
      units: [
        {
          name: 'a.service',
          contents: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
          enabled: true,
        },
        { name: 'swap.target', mask: true },
        { name: 'b.timer', enabled: false },
        { name: 'c.service', contents: '[Service]\n' },
      ],
    },
  })
})

test('Ignition: a section with nothing in it is left out', () => {
  expect(planIgnition(nothing, { ...ownIgnition, version: '3.5.0' })).toEqual({
    ignition: { version: '3.5.0' },
    storage: {
      links: [{ path: '/etc/localtime', target: '../usr/share/zoneinfo/Europe/Berlin', overwrite: true }],
    },
  })
})

test.each([
  ['cloud-init', ['meta-data', 'user-data']],
  ['ignition', ['config.ign']],
] as const)('%s reads documents of its own, and no other', (provision, names) => {
  const profile = sampleProfile({ provision })
  expect(planDocuments(profile, sampleNode(profile, 'bakery-1')).map(({ path }) => path)).toEqual(names)
})
