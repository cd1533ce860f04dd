import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { LockedBaseImage } from '../resolve/base-image/locked-base-image.ts'
import { sampleBaseImage, sampleCoreosImage } from '../resolve/base-image/testing.ts'
import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { CloudConfig } from '../resolve/user-data/cloud-config-schema.ts'
import type { IgnitionFragmentConfig } from '../resolve/user-data/ignition-schema.ts'
import { planDocuments } from './provisioning/documents.ts'
import { whenDone } from './provisioning/first-start.ts'
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
      { kind: 'cloud-config', file: './one.yaml', config: { runcmd: ['date'], users: [{ name: 'kiosk' }] } },
      {
        kind: 'cloud-config',
        file: './two.yaml',
        config: { runcmd: [['uptime']], final_message: 'up', groups: ['panel'] },
      },
    ],
  })
  const { userData } = noCloudOf(profile)
  expect(userData.startsWith('#cloud-config\n')).toBe(true)
  const document = parse(userData) as Record<string, unknown>
  expect(document['runcmd']).toEqual([whenDone(['date', ['uptime']])])
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
    userData: [{ kind: 'cloud-config', file: './a.yaml', config: { write_files: [file], runcmd: ['on'] } }],
  })
  const document = parse(noCloudOf(profile).userData, { version: '1.1' }) as Record<string, unknown>
  expect(document['write_files']).toEqual([file])
  expect(document['runcmd']).toEqual([whenDone(['on'])])
})

test('other user data is another instance for cloud-init', () => {
  const profile = sampleProfile({
    userData: [{ kind: 'cloud-config', file: './a.yaml', config: { runcmd: ['date'] } }],
  })
  const idOf = (text: string) => (parse(text) as Record<string, unknown>)['instance-id']
  expect(idOf(noCloudOf(profile).metaData)).not.toBe(idOf(noCloudOf(sample).metaData))
})

const elsewhere = 'write to another place; many programs read a folder of settings beside their own file'

test.each([
  ['/etc/hosts', 'the seed of node bakery-1', elsewhere],
  ['/etc/ssh/sshd_config.d/10-appliance.conf', 'the base', elsewhere],
  ['/etc/timezone', 'the profile', 'say it in the profile (`site.timezone`)'],
  ['/etc/hostname', 'the profile', 'say it in the profile (`nodes[].name`)'],
])('%s has its owner', (path, owner, help) => {
  const profile = sampleProfile({
    userData: [
      { kind: 'cloud-config', file: './a.yaml', config: { write_files: [{ path: '/etc/motd' }, { path }] } },
    ],
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
      subject: { path: ['userData', 0], within: ['write_files', 1, 'path'] },
      help,
    },
  ])
})

const cloudConfig = (config: CloudConfig, image: LockedBaseImage | null = null): ResolvedProfile => {
  const profile = sampleProfile({ userData: [{ kind: 'cloud-config', file: './a.yaml', config }] })
  return { ...profile, base: { ...profile.base, image } }
}

test.each(['/etc/hostname', '/etc/netplan/50-cloud-init.yaml'])(
  'on an image of the user cloud-init writes %s by itself',
  (path) => {
    const config = { write_files: [{ path }] }
    const told = (image: LockedBaseImage | null) =>
      checkUserDataFiles(cloudConfig(config, image), [], []).map(({ message }) => message)
    expect(told(sampleBaseImage)).toEqual([`./a.yaml writes \`${path}\`, which is a file of the profile`])
    expect(told(null)).toEqual([])
  },
)

const fragment = (name: string, changes: Partial<IgnitionFragmentConfig> = {}) => ({
  kind: 'ignition' as const,
  file: `./${name}.bu`,
  config: {
    ignition: { version: '3.3.0' as const },
    passwd: { users: [{ name }], groups: [{ name: `${name}s` }] },
    storage: {
      directories: [{ path: `/etc/${name}` }],
      files: [{ path: `/etc/${name}/a`, overwrite: true as const, contents: { source: 'data:,' } }],
      links: [{ path: `/etc/${name}/b`, target: 'a' }],
    },
    systemd: { units: [{ name: `${name}.service`, contents: '' }] },
    ...changes,
  },
})

const documentOf = (profile: ResolvedProfile): string => {
  const [document] = planDocuments(profile, node)
  return document?.content.kind === 'text' ? document.content.text : ''
}

test('for Ignition: what the profile says first, then the fragments in their order, each time the same', () => {
  const userData = [fragment('zebra'), fragment('ape')]
  const text = documentOf(sampleProfile({ provision: 'ignition', userData }))
  expect(documentOf(sampleProfile({ provision: 'ignition', userData }))).toBe(text)
  const config = JSON.parse(text) as Record<string, Record<string, { name?: string; path?: string }[]>>
  const order = ['passwd', 'storage', 'systemd'].flatMap((part) =>
    Object.values(config[part] ?? {}).map((items) => items.map(({ name, path }) => name ?? path)),
  )
  expect(order).toEqual([
    ['zebras', 'apes'],
    [...sample.access.users.map(({ name }) => name), 'zebra', 'ape'],
    ['/etc/zebra', '/etc/ape'],
    ['/etc/sudoers.d/90-appliance', '/etc/zebra/a', '/etc/ape/a'],
    ['/etc/localtime', '/etc/zebra/b', '/etc/ape/b'],
    ['zebra.service', 'ape.service'],
  ])
  const files = [...(config['storage']?.['files'] ?? []), ...(config['storage']?.['links'] ?? [])]
  for (const file of files) expect(file).toMatchObject({ overwrite: true })
})

const nothing = { directories: [], files: [], links: [] }
const file = (path: string) => ({ path, overwrite: true as const, contents: { source: 'data:,' } })

test.each<readonly [string, Partial<IgnitionFragmentConfig>, string]>([
  [
    'a file',
    { storage: { ...nothing, files: [file('/etc/hosts')] } },
    '`/etc/hosts`, which is a file of the seed of node bakery-1',
  ],
  [
    'a link',
    { storage: { ...nothing, links: [{ path: '/etc/localtime', target: 'a' }] } },
    '`/etc/localtime`, which is a file of the profile',
  ],
  [
    'what sudo is told',
    { storage: { ...nothing, files: [file('/etc/sudoers.d/90-appliance')] } },
    '`/etc/sudoers.d/90-appliance`, which is a file of the profile',
  ],
  [
    'a folder',
    { storage: { ...nothing, directories: [{ path: '/etc/ssh/sshd_config.d', mode: 0o700 }] } },
    '`/etc/ssh/sshd_config.d`, which holds files of the base',
  ],
  [
    'a drop-in',
    { storage: nothing, systemd: { units: [{ name: 'a.service', dropins: [{ name: 'b.conf' }] }] } },
    '`/etc/systemd/system/a.service.d/b.conf`, which is a file of the base',
  ],
])('Ignition would overwrite what has its owner: %s', (_, changes, told) => {
  const profile = sampleProfile({
    provision: 'ignition',
    userData: [fragment('a', { systemd: { units: [] }, ...changes })],
  })
  const base = ['/etc/ssh/sshd_config.d/10-appliance.conf', '/etc/systemd/system/a.service.d/b.conf'].map(
    (path) => ({ path }),
  )
  const faults = checkUserDataFiles(profile, [{ name: 'bakery-1', seed: planSeed(profile, node) }], base)
  expect(faults.map(({ code, message }) => `${code} ${message}`)).toEqual([`L0052 ./a.bu writes ${told}`])
})

const coreos = (changes: Partial<IgnitionFragmentConfig>): ResolvedProfile => {
  const userData = [fragment('a', { systemd: { units: [] }, storage: nothing, ...changes })]
  const profile = sampleProfile({ provision: 'ignition', userData })
  return { ...profile, base: { ...profile.base, image: sampleCoreosImage } }
}

test.each([
  [
    '/var/usrlocal/appliance/bin/launcher',
    '`/var/usrlocal/appliance/bin/launcher`, which is a file of the base',
  ],
  [
    '/var/appliance/data/x',
    '`/var/appliance/data/x`, which is hidden by what the node mounts at `/var/appliance/data`',
  ],
])('on Fedora CoreOS %s is taken', (path, told) => {
  const profile = coreos({ storage: { ...nothing, files: [file('/var/appliance/mine'), file(path)] } })
  const base = [{ path: '/usr/local/appliance/bin/launcher' }]
  const faults = checkUserDataFiles(profile, [{ name: 'bakery-1', seed: planSeed(profile, node) }], base)
  expect(faults.map(({ message }) => message)).toEqual([`./a.bu writes ${told}`])
})
