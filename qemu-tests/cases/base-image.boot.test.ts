import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import type { BasePartition } from '../../src/plan/build-plan.ts'
import { layBaseImage } from '../support/base-images.ts'
import { openWorkspaceLab, switchOff, switchOn, untilSaid } from '../support/lab.ts'
import { planOf, prove, requirePassed } from '../support/proof.ts'
import { slow as test } from '../support/slow-test.ts'
import type { KeyPair } from '../support/ssh.ts'
import { keyPairIn, runOnceUp } from '../support/ssh.ts'
import { writeButane } from '../support/user-data.ts'
import type { Workspace } from '../support/workspace.ts'
import { appliance, buildWorkspace, program } from '../support/workspace.ts'

const firstStartMs = 300_000

let host: NodeHost

beforeAll(() => {
  host = createNodeHost()
})

afterAll(async () => {
  await host.close()
})

const sha256Of = async (
  path: string,
  { offset, size }: { offset: number; size: number },
): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { start: offset, end: offset + size - 1 }))
    hash.update(chunk)
  return hash.digest('hex')
}

const requireUntouched = async (
  workspace: Workspace,
  partitions: readonly BasePartition[],
): Promise<void> => {
  for (const partition of partitions) {
    const before = await sha256Of(join(workspace.profile, '../base.img'), partition)
    expect(await sha256Of(join(workspace.imageDirectory, 'mill-1.img'), partition)).toBe(before)
  }
}

test('a cloud image: k3s comes to life by cloud-init alone, twice; the partitions of the base are untouched', async () => {
  const workspace = await buildWorkspace('base-image', undefined, layBaseImage('cloud'))
  const { plan } = await planOf(host, workspace)
  const [base] = plan.baseImages
  expect(base?.partitions.map(({ number, fileSystem }) => `${number} ${fileSystem}`)).toEqual([
    '1 ext4',
    '15 vfat',
  ])
  await requireUntouched(workspace, base?.partitions ?? [])
  const { verdict } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
})

/** Takes its time, so that the power can fail in the middle; the console says when. */
const slowUserData = `#cloud-config
write_files:
  - { path: /etc/scale.conf, content: kg }
runcmd:
  - 'echo "appliance: the scale is set up" >/dev/console'
  - sleep 20
  - touch /var/lib/scale
`

/** Once a first start has come to its end and k3s runs. Nothing of it is empty. */
const afterCuts = [
  'until sudo -n test -e /var/lib/cloud/instance/appliance-first-start; do sleep 1; done',
  'until appliance status | grep -q "^phase *running"; do sleep 1; done',
  'id -nG',
  'cat /etc/hostname',
  'systemctl is-enabled appliance-disk.service k3s.service',
  'sudo -n find /usr/lib/appliance /usr/lib/systemd/system/k3s.service /etc/netplan /etc/sudoers.d /etc/ssh -type f -size 0',
  'echo "$(cat /etc/scale.conf)"',
  'ls /var/lib/scale',
  'findmnt -no TARGET /data',
].join('; ')

test('a cloud image whose power fails at its first start, and at the next: cloud-init does it again, and people come in', async () => {
  const keys = await keyPairIn(resolve('out/boot-tests/base-image-keys'))
  const workspace = await buildWorkspace(
    'base-image',
    (profile) =>
      `${profile.replace(/ssh-ed25519 \S+ \S+@example\.com/, keys.publicKey)}\nuserData: [./scale.yaml]\n`,
    async (folder) => {
      await writeFile(join(folder, 'scale.yaml'), slowUserData)
      await layBaseImage('cloud')(folder)
    },
  )
  const lab = await openWorkspaceLab(host, workspace)
  try {
    for (const sign of [/first start with this seed/, /the scale is set up/]) {
      const cut = await switchOn(lab, 'mill-1')
      await untilSaid(cut, sign, firstStartMs)
      await cut.machine.powerOff(0)
    }
    const again = await switchOn(lab, 'mill-1')
    const told = await runOnceUp(lab, '192.168.10.11', keys, afterCuts)
    expect(told.trim().split('\n')).toEqual([
      'ops adm sudo systemd-journal',
      'mill-1',
      'enabled',
      'enabled',
      'kg',
      '/var/lib/scale',
      '/data',
    ])
    await switchOff([again])
  } finally {
    await lab.close()
  }
})

interface Inspected {
  readonly base: readonly { readonly files: readonly { readonly path: string; readonly sha256: string }[] }[]
}
const bootFilesOf = async (image: string): Promise<ReadonlyMap<string, string>> => {
  const { stdout } = await appliance`node ${program} inspect ${image} --format json`
  const { base } = JSON.parse(stdout) as Inspected
  return new Map(base.flatMap(({ files }) => files.map(({ path, sha256 }) => [path, sha256])))
}

test('a card like that of Raspberry Pi OS: its boot partition has the documents, and every other file is as it was', async () => {
  const workspace = await buildWorkspace('base-image', undefined, layBaseImage('boards'))
  const before = await bootFilesOf(join(workspace.profile, '../base.img'))
  const after = await bootFilesOf(join(workspace.imageDirectory, 'mill-1.img'))
  const changed = [...after].filter(([path, sha256]) => before.get(path) !== sha256).map(([path]) => path)
  expect(changed.sort()).toEqual(['meta-data', 'network-config', 'user-data'])
  expect([...before.keys()].filter((path) => !after.has(path))).toEqual([])
  const { verdict } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
})

interface IgnitionCase {
  readonly workspace: Workspace
  readonly keys: KeyPair
}
const withIgnition = async (kind: 'coreos' | 'microos' | 'microos-2023'): Promise<IgnitionCase> => {
  const keys = await keyPairIn(resolve('out/boot-tests/base-image-keys'))
  const workspace = await buildWorkspace(
    'base-image',
    (profile) =>
      `${profile.replace(/ssh-ed25519 \S+ \S+@example\.com/, keys.publicKey)}\nprovision: ignition\nuserData: [./scale.bu]\n`,
    async (folder) => {
      await writeButane(folder)
      await layBaseImage(kind)(folder)
    },
  )
  return { workspace, keys }
}

test('a system like Fedora CoreOS: Ignition alone brings k3s to life, with the config on the boot partition', async () => {
  const { workspace } = await withIgnition('coreos')
  const { plan } = await planOf(host, workspace)
  expect(plan.baseImages[0]?.configuration).toMatchObject({
    way: 'ignition-file',
    partition: 2,
    ignition: { system: 'coreos', spec: '3.3.0' },
  })
  const before = await bootFilesOf(join(workspace.profile, '../base.img'))
  const after = await bootFilesOf(join(workspace.imageDirectory, 'mill-1.img'))
  expect([...after.keys()].filter((path) => !before.has(path))).toEqual(['ignition/config.ign'])
  for (const [path, sha256] of before) expect(after.get(path), path).toBe(sha256)
  const others = plan.baseImages[0]?.partitions.filter(({ number }) => number !== 2)
  await requireUntouched(workspace, others ?? [])
  const { verdict } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
})

/** Once k3s runs: whether SELinux is enforced, the domain of what a script of ours has become, and what of ours was denied anything. */
const selinux = [
  'until appliance status | grep -q "^phase *running"; do sleep 1; done',
  'echo "enforcing: $(cat /sys/fs/selinux/enforce)"',
  'echo "k3s: $(sudo -n ps -o label= -p "$(systemctl show -P MainPID k3s.service)")"',
  'sudo -n journalctl -o cat | grep -a "avc: *denied.*permissive=0" | grep -E "appliance|k3s|rancher|kubelet|scontext=[^ ]*:(initrc|mount|fsadm)_t:" || echo nothing denied',
].join('; ')

test('a system like Fedora CoreOS whose power fails at its first start: Ignition does it again, and people come in', async () => {
  const { workspace, keys } = await withIgnition('coreos')
  const lab = await openWorkspaceLab(host, workspace)
  try {
    const cut = await switchOn(lab, 'mill-1')
    await untilSaid(cut, /first start with this seed/, firstStartMs)
    await cut.machine.powerOff(0)
    const again = await switchOn(lab, 'mill-1')
    const told = await runOnceUp(
      lab,
      '192.168.10.11',
      keys,
      'while [ -e /boot/ignition.firstboot ]; do sleep 1; done; ls /boot; id -nG; cat /etc/hostname; systemctl is-active scale.service; nmcli -t -f NAME connection show --active | grep -x wired; findmnt -no OPTIONS /usr | cut -d , -f 1; sudo -n mkdir /more 2>/dev/null || echo sealed; appliance status | grep -c mill-1; ' +
        selinux,
    )
    expect(told.trim().split('\n')).toEqual([
      'initrd.img',
      'lost+found',
      'vmlinuz',
      'ops adm sudo systemd-journal',
      'mill-1',
      'active',
      'wired',
      'ro',
      'sealed',
      '1',
      'enforcing: 1',
      'k3s: system_u:system_r:initrc_t:s0',
      'nothing denied',
    ])
    await switchOff([again])
  } finally {
    await lab.close()
  }
})

test('a system like openSUSE MicroOS: what would make its root anew up to the end makes the data partition', async () => {
  const { workspace } = await withIgnition('microos')
  const { plan } = await planOf(host, workspace)
  const [base] = plan.baseImages
  expect(base).toMatchObject({ configuration: { way: 'ignition-seed' }, renumbered: { from: 3, to: 4 } })
  await requireUntouched(workspace, base?.partitions ?? [])
  const { verdict } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
})

/** What kiwi-repart has made of the disk: partition and size in GiB of `data`, that of root, and whether the file system is the first one. */
const madeAnew = [
  'until appliance status | grep -q "^phase *running"; do sleep 1; done',
  'findmnt -no SOURCE /var/appliance/data',
  'echo "$(($(df --output=size -B 1G /var/appliance/data | tail -1)))"',
  'findmnt -vno SOURCE /usr/local',
  '[ "$(findmnt -no UUID /var/appliance/data)" = "$(sudo -n cut -d " " -f 2 /var/appliance/data.made)" ] && echo remembered',
  'systemctl --failed --no-legend',
].join('; ')

test('a system like openSUSE MicroOS whose power fails at its first start, and that is copied to a larger medium: data grows', async () => {
  const { workspace, keys } = await withIgnition('microos')
  const lab = await openWorkspaceLab(host, workspace)
  try {
    const cut = await switchOn(lab, 'mill-1')
    await untilSaid(cut, /first start with this seed/, firstStartMs)
    await cut.machine.powerOff(0)
    await host.exec(['qemu-img', 'resize', '-q', join(cut.labNode.keptDirectory, 'disk.qcow2'), '+4G'])
    const again = await switchOn(lab, 'mill-1')
    const told = await runOnceUp(lab, '192.168.10.11', keys, madeAnew)
    expect(told.trim().split('\n')).toEqual(['/dev/vda3', '12', '/dev/vda4', 'remembered'])
    await switchOff([again])
  } finally {
    await lab.close()
  }
})

test('a system like openSUSE MicroOS until November 2023: nothing of it is written, and its Ignition finds the config on the seed', async () => {
  const { workspace } = await withIgnition('microos-2023')
  const { plan } = await planOf(host, workspace)
  const [base] = plan.baseImages
  expect(base?.configuration).toMatchObject({
    way: 'ignition-seed',
    ignition: { system: 'microos' },
    mounts: [{ path: '/usr/local' }, { path: '/home' }],
  })
  expect(base?.partitions.map(({ fileSystem }) => fileSystem)).toEqual(['vfat', 'btrfs', 'btrfs'])
  await requireUntouched(workspace, base?.partitions ?? [])
  const { verdict } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
})
