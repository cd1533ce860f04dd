import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import { planNoCloud } from './provisioning/no-cloud.ts'
import { planNodeProvisioning } from './provisioning/node-provisioning.ts'
import { planSeed } from './seed-files.ts'
import { sampleNode, sampleProfile } from './testing.ts'
import { checkUserDataFiles } from './user-data.ts'

const sample = sampleProfile()
const node = sampleNode(sample, 'bakery-1')
const noCloudOf = (profile: ResolvedProfile) => planNoCloud(profile, node, planNodeProvisioning(profile))

test('fragments follow what the profile says, in its order', () => {
  const profile = sampleProfile({
    userData: [
      { file: './one.yaml', config: { runcmd: ['date'], users: [{ name: 'kiosk' }] } },
      { file: './two.yaml', config: { runcmd: [['uptime']], final_message: 'up', groups: ['panel'] } },
    ],
  })
  const { userData } = noCloudOf(profile)
  expect(userData.startsWith('#cloud-config\n')).toBe(true)
  const document = parse(userData) as Record<string, unknown>
  expect(document['runcmd']).toEqual(['date', ['uptime']])
  expect((document['users'] as { name: string }[]).map(({ name }) => name)).toEqual([
    ...sample.access.users.map(({ name }) => name),
    'kiosk',
  ])
  expect(document['groups']).toEqual(['panel'])
  expect(document['final_message']).toBe('up')
})

test('texts stay as they are: modes, words that YAML 1.1 takes for truth, several lines', () => {
  const file = { path: '/etc/a', permissions: '0640', content: 'on\nyes: "no"\n' }
  const profile = sampleProfile({
    userData: [{ file: './a.yaml', config: { write_files: [file], runcmd: ['on'] } }],
  })
  const document = parse(noCloudOf(profile).userData, { version: '1.1' }) as Record<string, unknown>
  expect(document['write_files']).toEqual([file])
  expect(document['runcmd']).toEqual(['on'])
})

test('other user data is another instance for cloud-init', () => {
  const profile = sampleProfile({ userData: [{ file: './a.yaml', config: { runcmd: ['date'] } }] })
  const idOf = (text: string) => (parse(text) as Record<string, unknown>)['instance-id']
  expect(idOf(noCloudOf(profile).metaData)).not.toBe(idOf(noCloudOf(sample).metaData))
})

test.each([
  ['/etc/hosts', 'the seed of node bakery-1'],
  ['/etc/ssh/sshd_config.d/10-appliance.conf', 'the base'],
])('%s has its owner', (path, owner) => {
  const profile = sampleProfile({
    userData: [{ file: './a.yaml', config: { write_files: [{ path: '/etc/motd' }, { path }] } }],
  })
  const seed = planSeed(profile, node)
  const base = [
    {
      path: '/etc/ssh/sshd_config.d/10-appliance.conf',
      mode: 0o644,
      content: { kind: 'text' as const, text: '' },
    },
  ]
  expect(checkUserDataFiles(profile, [{ name: 'bakery-1', seed }], base)).toEqual([
    {
      code: 'L0052',
      severity: 'error',
      message: `./a.yaml writes \`${path}\`, which is a file of ${owner}`,
      subject: { path: ['userData', 0] },
      help: 'write to another place; many programs read a folder of settings beside their own file',
    },
  ])
})
