import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { findPartition } from '../../src/proof/qemu/image-kernel.ts'
import { openWorkspaceLab, switchOff, switchOn, untilSaid } from '../support/lab.ts'
import { slow } from '../support/slow-test.ts'
import type { KeyPair } from '../support/ssh.ts'
import { keyPairIn, runOnceUp } from '../support/ssh.ts'
import type { Workspace } from '../support/workspace.ts'
import { buildWorkspace, runTest } from '../support/workspace.ts'

const address = '192.168.10.11'
const initrdMs = 300_000
/** 60, then 120 seconds between starts, and the starts. */
const secondTryMs = 500_000

let host: NodeHost
let keys: KeyPair
let workspace: Workspace

beforeAll(async () => {
  host = createNodeHost()
  keys = await keyPairIn(resolve('out/boot-tests/ignition/keys'))
  workspace = await buildWorkspace('ignition', (profile) =>
    profile.replace(/ssh-ed25519 \S+ \S+@example\.com/, keys.publicKey),
  )
})
afterAll(() => host.close())

slow('two boots to the verdict; Ignition works at the first one', async () => {
  const { exitCode, stdout } = await runTest(workspace)
  expect(exitCode, stdout).toBe(0)
  const console = await readFile(join(workspace.imageDirectory, 'test/press-1/console.log'), 'utf8')
  expect(console.match(/Ignition sets up this node/g)).toHaveLength(1)
})

slow('the power fails while Ignition works: the next start does it again, and people come in', async () => {
  const lab = await openWorkspaceLab(host, workspace)
  try {
    const cut = await switchOn(lab, 'press-1')
    await untilSaid(cut, /Ignition sets up/, initrdMs)
    // Nobody in the initrd hears a request to end: the machine is switched off.
    expect(await cut.machine.powerOff(0)).toBe(false)
    const again = await switchOn(lab, 'press-1')
    await untilSaid(again, /Ignition sets up/, initrdMs)
    const told = await runOnceUp(
      lab,
      address,
      keys,
      'id -nG; readlink /etc/localtime; sudo -n ls /data/ignition; stat -c "%a %U" .ssh/authorized_keys; command -v cloud-init python3 || echo neither; cat /etc/machine-id | wc -c; id -nG kiosk; sudo stat -c "%a %U %G" /etc/scale/unit.conf; systemctl is-active scale.service; sudo cat /run/scale',
    )
    expect(told.trim().split('\n')).toEqual([
      'ops adm sudo systemd-journal',
      '../usr/share/zoneinfo/Europe/Berlin',
      'applied',
      '600 ops',
      'neither',
      '33',
      'kiosk video',
      '640 root kiosk',
      'active',
      'kg, 100 % of it',
    ])
    await switchOff([again])
  } finally {
    await lab.close()
  }
})

slow('a config that Ignition refuses: the reason is told, and each wait is longer', async () => {
  const folder = join(workspace.imageDirectory, 'refused')
  await mkdir(folder, { recursive: true })
  const image = join(folder, 'press-1.img')
  await copyFile(join(workspace.imageDirectory, 'press-1.img'), image)
  const { startBytes } = await findPartition(host, image, 'seed')
  const config = '{"ignition":{"version":"3.3.0"},"storage":{"files":[{"mode":420}]}}'
  await host.exec(['mcopy', '-o', '-i', `${image}@@${startBytes}`, '-', '::config.ign'], {
    doing: 'put another config on the seed',
    env: { MTOOLS_SKIP_CHECK: '1' },
    input: Buffer.from(config),
  })
  const lab = await openWorkspaceLab(host, workspace, folder)
  try {
    const machine = await switchOn(lab, 'press-1')
    const { text } = await untilSaid(machine, /starting again in 60 seconds/, initrdMs)
    expect(text).toContain('path not specified')
    await untilSaid(machine, /starting again in 120 seconds/, secondTryMs)
    await machine.machine.powerOff(0)
  } finally {
    await lab.close()
  }
})
