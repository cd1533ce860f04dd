import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { sampleIgnitionData, sampleUserData } from '../../cli/testing/pinned-profile.ts'
import { createYamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { composeSecret } from '../../materialise/secrets/compose.ts'
import { Secret } from '../../materialise/secrets.ts'
import type { Profile } from '../../profile/schema.ts'
import { readTemplates } from '../../render/read-templates.ts'
import { createRenderer } from '../../render/renderer.ts'
import {
  sampleCoreosImage,
  sampleFlatcarImage,
  sampleMicroosImage,
} from '../../resolve/base-image/testing.ts'
import type { ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { readIgnitionFragment } from '../../resolve/user-data/ignition-fragment.ts'
import { checkOwners } from '../../resolve/user-data/owners.ts'
import {
  baseImageOf,
  ignitionBaseOf,
  planBaseImageFiles,
  planBaseImageProvisioning,
} from '../base-image/base-image-provisioning.ts'
import { sampleNode, sampleProfile } from '../testing.ts'
import { cloudConfigText } from './cloud-config.ts'
import { planDocuments } from './documents.ts'
import { ignitionText, ownIgnition, planIgnition } from './ignition.ts'
import { networkConfigText } from './network-config.ts'
import { networkManagerFiles, radioConnection } from './network-manager.ts'
import { randomIgnition } from './random-ignition.ts'
import { everyNetwork, everyProvision } from './testing.ts'

/** The checkers of the front ends themselves, out of Debian's packages: cloud-init 22.4 and 25.1, Ignition 2.14, netplan 1.1. */
const checkers = {
  bookworm: ['cloud-init', 'python3', 'dash', 'coreutils'],
  trixie: ['cloud-init', 'python3', 'dash', 'coreutils', 'ignition', 'netplan.io', 'network-manager'],
} as const
type Suite = keyof typeof checkers

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
const certificates = 'etc/ssl/certs/ca-certificates.crt'

let host: TestHost
let roots: string

beforeAll(async () => {
  host = createTestHost()
  roots = await host.files.makeTemporaryDirectory('checkers-')
  for (const [suite, packages] of Object.entries(checkers)) {
    const root = join(roots, suite)
    await host.exec([
      ...['mmdebstrap', '--quiet', '--variant=extract', `--include=${packages.join(',')}`],
      ...['--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr', `--keyring=${keyring}`, suite, root],
    ])
    // No script of a package is run, and Python's requests wants one to be there.
    await host.files.copy(`/${certificates}`, join(root, certificates))
  }
})
afterAll(() => host.close())

const check = async (suite: Suite, text: string, command: readonly string[]) => {
  await host.files.writeAtomic(join(roots, suite, 'document'), text)
  const { exitCode, stdout, stderr } = await host.exec(
    ['chroot', join(roots, suite), ...command, '/document'],
    {
      okCodes: [0, 1],
    },
  )
  return { accepted: exitCode === 0, said: `${stdout}\n${stderr}` }
}

const cloudInit = (suite: Suite, text: string) =>
  check(suite, text, ['cloud-init', 'schema', '--config-file'])
const ignition = (text: string) => check('trixie', text, ['ignition-validate'])

const userData = Object.entries(sampleUserData).map(([file, config]) => ({
  kind: 'cloud-config' as const,
  file,
  config,
}))
const documentOf = (profile: ResolvedProfile, name: string): string => {
  const document = planDocuments(profile, sampleNode(profile, 'bakery-1')).find(({ path }) => path === name)
  if (document?.content.kind !== 'text') throw new Error(`no ${name}`)
  return document.content.text
}

test.each(['bookworm', 'trixie'] as const)('cloud-init of %s takes every document', async (suite) => {
  for (const text of [
    documentOf(sampleProfile({ userData }), 'user-data'),
    cloudConfigText(everyProvision, {}),
  ]) {
    const { accepted, said } = await cloudInit(suite, text)
    expect(accepted, said).toBe(true)
    expect(said).not.toMatch(/deprecat|error/i)
  }
  expect(await cloudInit(suite, '#cloud-config\nruncmd: 3\n')).toMatchObject({ accepted: false })
})

/** cloud-init as far as it runs without a system, and without a look at the disks of this one. */
const cloudConfiguration = `datasource_list: [NoCloud]
datasource: { NoCloud: { fs_label: null } }
network: { config: disabled }
preserve_hostname: true
cloud_init_modules: [bootcmd, write_files]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts_user]
`
/** What ends a shell, or is no shell any more: two of the lines by which people tidy up. */
const leaving = { runcmd: ["trap 'echo 4 >>/var/said' EXIT", 'echo 3 >>/var/said', 'exec true'] }
const firstStages = [
  'mkdir -p "$0/run" "$0/proc" "$0/tmp" "$0/usr/local/bin"',
  'mount -t tmpfs tmpfs "$0/run"',
  'mount -t proc proc "$0/proc"',
  'chroot "$0" cloud-init init --local',
  'chroot "$0" cloud-init init',
].join('\n')
const allStages = [
  firstStages,
  ...['config', 'final'].map((mode) => `chroot "$0" cloud-init modules --mode ${mode}`),
].join('\n')

test.each(['bookworm', 'trixie'] as const)(
  'cloud-init of %s writes a file again that a power cut has left empty, until a first start has ended',
  async (suite) => {
    const root = join(roots, suite)
    const instance = 'var/lib/cloud/instances/i-1'
    const seed = 'var/lib/cloud/seed/nocloud'
    const [file] = everyProvision.files
    await host.files.makeDirectory(join(root, seed))
    const path = `${root}${file?.path}`
    for (const [name, text] of [
      ['etc/cloud/cloud.cfg', cloudConfiguration],
      ['etc/passwd', 'root:x:0:0::/root:/bin/sh\n'],
      ['etc/group', 'root:x:0:\n'],
      [`${seed}/meta-data`, 'instance-id: i-1\n'],
      [`${seed}/user-data`, cloudConfigText(everyProvision, leaving)],
    ] as const)
      await host.files.writeAtomic(join(root, name), text)
    const started = async (stages: string) => {
      const namespaces = ['unshare', '--mount', '--uts', '--net', '--pid', '--fork']
      await host.exec([...namespaces, 'sh', '-c', stages, root], { okCodes: [0, 1] })
      return host.files.readText(path)
    }
    expect(await started(firstStages)).toBe(file?.text)
    await host.files.writeAtomic(path, '')
    expect(await host.files.stat(join(root, instance, 'sem/config_write_files'))).toBeDefined()
    expect(await started(allStages)).toBe(file?.text)
    expect(await host.files.readText(join(root, 'var/said'))).toBe('3\n')
    await host.files.writeAtomic(path, '')
    expect(await started(allStages)).toBe('')
    expect(await host.files.readText(join(root, 'var/said'))).toBe('3\n')
  },
)

test('ignition-validate takes every document', async () => {
  const planned = [[], sampleIgnitionData].map((userData) =>
    documentOf(sampleProfile({ provision: 'ignition', userData }), 'config.ign'),
  )
  for (const text of [...planned, ignitionText(planIgnition(everyProvision, ownIgnition))]) {
    const { accepted, said } = await ignition(text)
    expect(said.trim()).toBe('')
    expect(accepted).toBe(true)
  }
  expect(await ignition('{"ignition":{"version":"3.3.0"},"storage":{"files":[{}]}}')).toMatchObject({
    accepted: false,
  })
})

test.each([
  ['Fedora CoreOS', sampleCoreosImage],
  ['Flatcar', sampleFlatcarImage],
  ['openSUSE MicroOS', sampleMicroosImage],
] as const)('ignition-validate takes what is planned for %s', async (_, image) => {
  const templates = await readTemplates(host.files, resolve(import.meta.dirname, '../../../templates'))
  const profile = sampleProfile({ provision: 'ignition', userData: sampleIgnitionData })
  const node = sampleNode(profile, 'bakery-1')
  const files = planBaseImageFiles(createRenderer(templates), baseImageOf(image), profile.epoch)
  const provisioning = planBaseImageProvisioning(profile, node, image, files)
  // Debian's checker knows no newer version.
  const base = { ...ignitionBaseOf(image), version: '3.3.0' } as const
  const [document] = planDocuments(profile, node, provisioning, base)
  if (document?.content.kind !== 'text') throw new Error('no document')
  const { accepted, said } = await ignition(document.content.text)
  expect(said.trim()).toBe('')
  expect(accepted).toBe(true)
})

const netplan = async (networkConfig: string) => {
  const root = join(roots, 'trixie')
  const document = stringify({ network: parse(networkConfig) })
  await host.files.writeAtomic(join(root, 'etc/netplan/50-cloud-init.yaml'), document, { mode: 0o600 })
  return host.exec(['chroot', root, '/usr/libexec/netplan/generate'], { okCodes: [0, 1] })
}

test('netplan takes the network of every node, and is told of no radio', async () => {
  for (const interfaces of everyNetwork) {
    expect(networkConfigText(interfaces)).not.toMatch(/wifis|wl/)
    const { exitCode, stderr } = await netplan(networkConfigText(interfaces))
    expect(exitCode, stderr).toBe(0)
    expect(stderr).not.toMatch(/WARNING|error/i)
  }
  const unknown = 'version: 2\nethernets: {wired: {dhcp5: true}}\n'
  expect(await netplan(unknown)).toMatchObject({ exitCode: 1 })
})

/** What NetworkManager writes of a connection that it has read. */
const readBack = async (text: string): Promise<string> => {
  const command = 'nmcli --offline connection modify connection.autoconnect yes'.split(' ')
  return (await host.exec(['chroot', join(roots, 'trixie'), ...command], { input: text })).stdout
}

test('NetworkManager reads every line of the network of every node', async () => {
  for (const { path, text } of everyNetwork.flatMap(networkManagerFiles)) {
    const lines = (await readBack(text)).split('\n')
    for (const line of text.split('\n')) expect(lines, path).toContain(line)
  }
})

/** Values of a keyfile of GLib's with their escapes undone, by `section key`. */
const keyfileValues = (text: string): ReadonlyMap<string, string> => {
  let section = ''
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    section = /^\[(.*)\]$/.exec(line)?.[1] ?? section
    const [, key, value = ''] = /^([^=]+)=(.*)$/.exec(line) ?? []
    if (key !== undefined)
      values.set(
        `${section} ${key}`,
        value.replaceAll(/\\([s\\])/g, (_, sign) => (sign === 's' ? ' ' : sign)),
      )
  }
  return values
}

test.each([
  ['bakery', 'correct horse', 'bakery'],
  ['Café "№1" #', `it's "#1" \\ $HOME; # [wifi]`, undefined],
  ['  ', '  spaces at both ends  ', '  '],
  ['98;97;107;', '0aF9'.repeat(16), '98\\;97\\;107\\;'],
])('NetworkManager joins the network %j with %j', async (ssid, passphrase, shown) => {
  const own = everyNetwork.flat().find(({ match }) => match.kind === 'radio')
  if (own === undefined) throw new Error('no network has a radio')
  const psk = { at: 'psk', source: { env: 'PSK' } } as const
  const parts = radioConnection(own, { ssid, psk, country: 'DE', hidden: true })
  const text = new TextDecoder().decode(
    (await composeSecret(parts, async () => new Secret(passphrase))).reveal(),
  )
  const [written, read] = [keyfileValues(text), keyfileValues(await readBack(text))]
  expect(written.get('wifi-security psk')).toBe(passphrase)
  for (const [key, value] of written) {
    // NetworkManager writes printable bytes as a text.
    if (key === 'wifi ssid' && shown !== undefined) expect(read.get(key)).toBe(shown)
    else expect(read.get(key), key).toBe(value)
  }
})

const profileTree = createYamlTree(
  { path: 'lab.yaml', text: '' },
  { access: {} },
  { kind: 'map', start: 0, end: 0 },
)

/** What the desk lets through is read at the node. */
test('ignition-validate takes every fragment that is accepted', async () => {
  const seen = { accepted: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(randomIgnition, async (written) => {
      const [fragment] = readIgnitionFragment('./a.ign', { path: 'a.ign', text: JSON.stringify(written) })
      const isSound =
        fragment !== undefined &&
        checkOwners(profileTree.value as Profile, profileTree, [fragment]).length === 0
      seen[isSound ? 'accepted' : 'refused'] += 1
      if (!isSound) return
      const userData = [{ kind: fragment.kind, file: './a.ign', config: fragment.config }]
      const text = documentOf(sampleProfile({ provision: 'ignition', userData }), 'config.ign')
      const { accepted, said } = await ignition(text)
      expect(said.trim(), text).toBe('')
      expect(accepted).toBe(true)
    }),
    { numRuns: 400 },
  )
  expect(seen.accepted).toBeGreaterThan(50)
  expect(seen.refused).toBeGreaterThan(50)
})
