import { expect, test } from 'vitest'
import type { LockedBaseImage } from '../../resolve/base-image/locked-base-image.ts'
import {
  sampleBaseImage,
  sampleCoreosImage,
  sampleFlatcarImage,
  samplePiImage,
} from '../../resolve/base-image/testing.ts'
import type { ResolvedProfile } from '../../resolve/resolved-profile.ts'
import type { BuildPlan } from '../build-plan.ts'
import { planBuild } from '../plan.ts'
import { printPlan } from '../print-plan.ts'
import { oneNetwork, sampleBoard, sampleNode, sampleProfile } from '../testing.ts'

const artifact = (name: string) => ({ name, sha256: 'ab'.repeat(32), sizeBytes: 1000 })

const profileOn = (image: LockedBaseImage): ResolvedProfile => {
  const sample = sampleProfile()
  const server = { ...sampleNode(sample, 'bakery-1'), ...oneNetwork({ kind: 'dhcp' as const }) }
  return {
    ...sample,
    nodes: [server, { ...server, name: 'bakery-2', role: 'agent' }],
    base: { ...sample.base, image },
    boards: { 'arm64-uefi': sampleBoard },
    inputs: {
      arm64: {
        packages: [],
        packagesTime: 0,
        kernels: {},
        firmware: [],
        k3s: artifact('k3s-arm64'),
        airgapImages: artifact('images.tar.zst'),
        imagesUnpackedBytes: null,
        imageNames: [],
      },
    },
  }
}

const renderer = { render: (path: string) => path, text: (path: string) => path }

const planOn = (image: LockedBaseImage, changes: Partial<ResolvedProfile> = {}): BuildPlan => {
  const [plan, faults] = planBuild({ ...profileOn(image), ...changes }, renderer)
  if (plan === undefined) throw new Error(JSON.stringify(faults))
  return plan
}

test('on a cloud image nothing is made but payload and seed, behind the partitions that are there', () => {
  const plan = planOn(sampleBaseImage)
  expect(plan).toMatchObject({ bases: [], boots: [], baseImages: [{ form: 'qcow2', title: 'debian 13' }] })
  const [one, two] = plan.nodes
  expect(one).toMatchObject({
    base: { kind: 'image', imageId: plan.baseImages[0]?.id, files: [] },
    disk: {
      table: 'gpt',
      diskGuid: sampleBaseImage.diskId,
      partitions: [
        { name: 'payload', number: 16 },
        { name: 'seed', number: 17 },
      ],
    },
    seed: { label: 'CIDATA' },
  })
  // Equal before the seed: one copy serves all nodes.
  expect(two?.disk).toEqual(one?.disk)
})

test('what the front end reads lies where the base reads it, and the seed is no second source', () => {
  const [node] = planOn(samplePiImage).nodes
  expect(node).toMatchObject({
    disk: {
      table: 'mbr',
      diskGuid: '0a1b2c3d',
      partitions: [
        { name: 'payload', number: 5, typeGuid: '83', partitionGuid: '' },
        { name: 'seed', number: 6, typeGuid: '0c', partitionGuid: '' },
      ],
    },
    seed: { label: 'APPLSEED' },
  })
  const files = node?.base.kind === 'image' ? node.base.files : []
  expect(files.map(({ partition, path }) => [partition, path])).toEqual([
    [1, 'meta-data'],
    [1, 'network-config'],
    [1, 'user-data'],
    [1, 'cmdline.txt'],
  ])
  const documents = node?.seed.documents.map(({ content }) => (content.kind === 'text' ? content.text : ''))
  expect(files.slice(0, 3).map(({ text }) => text)).toEqual(documents)
})

test('a command line is changed where the base has it, and each where there are several', () => {
  const commandLines = ['current/cmdline.txt', 'new/cmdline.txt'].map((path) => ({
    path,
    text: 'quiet resize',
  }))
  const configuration = { way: 'boot-files', partition: 1, commandLines } as const
  const [node] = planOn({ ...samplePiImage, configuration }).nodes
  const files = node?.base.kind === 'image' ? node.base.files : []
  expect(files.slice(3)).toEqual(
    commandLines.map(({ path }) => ({ partition: 1, path, text: 'quiet cgroup_enable=memory\n' })),
  )
})

test('a plan tells the base, what is written to it, and where ours go', () => {
  const text = printPlan(planOn(samplePiImage))
  expect(text).toContain('base image debian 13, arm64')
  expect(text).toContain('raspios.img.xz, xz, 500 MiB')
  expect(text).toMatch(/written to the base\n {2}partition 1 {2}meta-data {7}text, /)
  expect(text).toMatch(/base {5}2816 MiB.*as it is\n/)
  expect(text).toMatch(/seed {5}16 MiB.*partition 6\n/)
})

test('on Fedora CoreOS the config lies on its boot partition, and our mounts below /var', () => {
  const [node] = planOn(sampleCoreosImage, { provision: 'ignition' }).nodes
  expect(node).toMatchObject({
    base: {
      files: [{ partition: 3, path: 'ignition/config.ign' }],
      folders: { data: '/var/appliance/data', payload: '/var/appliance/payload' },
    },
    seed: { label: 'APPLSEED', documents: [{ path: 'config.ign' }] },
  })
})

test('where the config is brought by the user nothing of the base is written', () => {
  const [node] = planOn(sampleFlatcarImage, { provision: 'ignition' }).nodes
  expect(node).toMatchObject({
    base: { files: [], folders: { data: '/data', payload: '/payload' } },
    seed: { label: 'APPLSEED', documents: [{ path: 'config.ign' }] },
  })
})

test.each(['/etc/hostname', '/etc/NetworkManager/system-connections/wired.nmconnection', '/etc/chrony.conf'])(
  'a fragment that writes %s, as ours does, is refused: Ignition takes no path twice',
  (path) => {
    const config = {
      ignition: { version: '3.3.0' as const },
      passwd: { groups: [], users: [] },
      storage: {
        directories: [],
        files: [{ path, mode: 0o644, overwrite: true as const, contents: { source: 'data:,' } }],
        links: [],
      },
      systemd: { units: [] },
    }
    const userData = [{ kind: 'ignition' as const, file: './site.ign', config }]
    const profile: ResolvedProfile = { ...profileOn(sampleCoreosImage), provision: 'ignition', userData }
    const [plan, faults] = planBuild(profile, renderer)
    expect(plan).toBeUndefined()
    expect(faults.map(({ code, message }) => [code, message])).toEqual([
      ['L0052', `./site.ign writes \`${path}\`, which is a file of the profile`],
    ])
  },
)
