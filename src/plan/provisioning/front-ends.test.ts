import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { cloudConfigText } from './cloud-config.ts'
import { planIgnition } from './ignition.ts'
import type { Provisioning } from './provisioning.ts'

const nothing: Provisioning = {
  hostname: null,
  timezone: 'Europe/Berlin',
  groups: [],
  users: [],
  directories: [],
  files: [],
  links: [],
  units: [],
}

const everything: Provisioning = {
  hostname: 'oven-1',
  timezone: 'Europe/Berlin',
  groups: [{ name: 'panel', system: true }],
  users: [
    {
      name: 'ops',
      sshKeys: ['ssh-ed25519 AAAA ops'],
      groups: ['sudo'],
      shell: '/bin/bash',
      sudo: 'ALL=(ALL) ALL',
    },
    { name: 'guest', sshKeys: [], groups: [], shell: '/bin/sh', sudo: null },
  ],
  directories: [{ path: '/opt/a', mode: 0o750 }],
  files: [{ path: '/etc/a', mode: 0o640, text: 'on\nyes: "no" # 100 %\n' }],
  links: [{ path: '/usr/local/bin/k3s', target: '/payload/bin/k3s' }],
  units: [
    { name: 'a.service', text: '[Service]\nExecStart=/bin/true\n', state: 'enabled' },
    { name: 'swap.target', text: null, state: 'masked' },
    { name: 'b.timer', text: null, state: 'disabled' },
    { name: 'c.service', text: '[Service]\n', state: 'as-it-is' },
  ],
}

test('cloud-config: what has no key of its own is made by commands, directories and links before files', () => {
  expect(parse(cloudConfigText(everything, { runcmd: ['date'], users: [{ name: 'kiosk' }] }))).toEqual({
    hostname: 'oven-1',
    timezone: 'Europe/Berlin',
    bootcmd: [
      ['install', '-d', '-m', '0750', '/opt/a'],
      ['ln', '-sfn', '/payload/bin/k3s', '/usr/local/bin/k3s'],
    ],
    groups: ['panel'],
    write_files: [
      { path: '/etc/a', permissions: '0640', content: 'on\nyes: "no" # 100 %\n' },
      {
        path: '/etc/systemd/system/a.service',
        permissions: '0644',
        content: '[Service]\nExecStart=/bin/true\n',
      },
      { path: '/etc/systemd/system/c.service', permissions: '0644', content: '[Service]\n' },
    ],
    runcmd: [
      ['systemctl', 'daemon-reload'],
      ['systemctl', '--now', '--no-block', 'mask', 'swap.target'],
      ['systemctl', '--now', '--no-block', 'disable', 'b.timer'],
      ['systemctl', '--now', '--no-block', 'enable', 'a.service'],
      'date',
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
      { name: 'guest', shell: '/bin/sh', lock_passwd: true, ssh_authorized_keys: [] },
      { name: 'kiosk' },
    ],
  })
})

test('cloud-config: nobody but those who are named, not even the user of the distribution', () => {
  expect(parse(cloudConfigText(nothing, {}))).toEqual({ timezone: 'Europe/Berlin', users: [] })
})

test('Ignition: the same things, and every file may be written a second time', () => {
  expect(planIgnition(everything, '3.3.0')).toEqual({
    ignition: { version: '3.3.0' },
    passwd: {
      groups: [{ name: 'panel', system: true }],
      users: [
        { name: 'ops', shell: '/bin/bash', groups: ['sudo'], sshAuthorizedKeys: ['ssh-ed25519 AAAA ops'] },
        { name: 'guest', shell: '/bin/sh', sshAuthorizedKeys: [] },
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
        { name: 'a.service', contents: '[Service]\nExecStart=/bin/true\n', enabled: true },
        { name: 'swap.target', mask: true },
        { name: 'b.timer', enabled: false },
        { name: 'c.service', contents: '[Service]\n' },
      ],
    },
  })
})

test('Ignition: a section with nothing in it is left out', () => {
  expect(planIgnition(nothing, '3.5.0')).toEqual({
    ignition: { version: '3.5.0' },
    storage: {
      links: [{ path: '/etc/localtime', target: '../usr/share/zoneinfo/Europe/Berlin', overwrite: true }],
    },
  })
})
