import type { ResolvedInterface } from '../../resolve/resolved-profile.ts'
import type { Provisioning } from './provisioning.ts'

/** One of everything, with texts that a careless writer would bend. */
export const everyProvision: Provisioning = {
  hostname: 'oven-1',
  network: [
    {
      match: { kind: 'name', name: 'end0' },
      cluster: true,
      network: {
        kind: 'static',
        addresses: ['192.168.10.11/24', 'fd00::11/64'],
        gateways: ['192.168.10.1'],
        dns: ['192.168.10.1', 'fd00::1'],
      },
      takesGateway: true,
    },
    {
      match: { kind: 'mac', mac: '52:54:00:00:00:01' },
      cluster: false,
      network: { kind: 'dhcp' },
      takesGateway: false,
    },
  ],
  kernelArguments: { present: ['quiet', 'panic=10'], absent: ['splash'] },
  rootSize: 'kept',
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

const fixed = {
  kind: 'static',
  addresses: ['192.168.10.11/24', '10.0.0.1/8', 'fd00::11/64'],
  gateways: ['192.168.10.1', 'fd00::1'],
  dns: ['192.168.10.1', 'fd00::1'],
} as const

/** Networks of a node in each form that a profile has for them. */
export const everyNetwork: readonly (readonly ResolvedInterface[])[] = [
  [{ match: { kind: 'wired' }, cluster: true, network: { kind: 'dhcp' }, takesGateway: true }],
  [{ match: { kind: 'wired' }, cluster: true, network: fixed, takesGateway: true }],
  [
    { match: { kind: 'mac', mac: '52:54:00:00:00:01' }, cluster: true, network: fixed, takesGateway: true },
    {
      match: { kind: 'name', name: 'enp2s0' },
      cluster: false,
      network: { kind: 'dhcp' },
      takesGateway: false,
    },
  ],
  [
    {
      match: { kind: 'name', name: 'eno2' },
      cluster: true,
      network: { kind: 'static', addresses: ['fd00::11/64'], gateways: [], dns: ['192.168.10.1', 'fd00::1'] },
      takesGateway: true,
    },
  ],
  [
    { match: { kind: 'wired' }, cluster: false, network: { kind: 'dhcp' }, takesGateway: true },
    { match: { kind: 'radio' }, cluster: true, network: fixed, takesGateway: true },
  ],
]
