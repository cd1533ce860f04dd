import type { Provisioning } from './provisioning.ts'

/** One of everything, with texts that a careless writer would bend. */
export const everyProvision: Provisioning = {
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
    {
      name: 'a.service',
      text: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
      state: 'enabled',
    },
    { name: 'swap.target', text: null, state: 'masked' },
    { name: 'b.timer', text: null, state: 'disabled' },
    { name: 'c.service', text: '[Service]\n', state: 'as-it-is' },
  ],
  commands: [['/usr/bin/true', 'a b']],
}
