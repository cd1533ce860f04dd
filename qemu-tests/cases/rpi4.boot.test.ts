import { afterAll, beforeAll, expect, test } from 'vitest'
import { $ } from 'zx'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { qemuPrograms } from '../../src/proof/qemu/machine-model.ts'
import { prove, requirePassed } from '../support/proof.ts'
import { alterForQemu, raspi4b } from '../support/raspi4b.ts'
import type { Workspace } from '../support/workspace.ts'
import { buildWorkspace } from '../support/workspace.ts'

const isAskedFor = process.env['APPLIANCE_ALL_BOOTS'] !== undefined
const machines = isAskedFor ? (await $({ verbose: false })`${qemuPrograms.arm64} -machine help`).stdout : ''
const isKnown = /^raspi4b /m.test(machines)
if (isAskedFor && !isKnown)
  console.warn('SKIPPED: this QEMU has no machine raspi4b (QEMU 9 and later have): see docs/boards.md')

let host: NodeHost
let workspace: Workspace

beforeAll(async () => {
  host = createNodeHost()
  if (isKnown) workspace = await buildWorkspace('rpi4')
})

afterAll(async () => {
  await host.close()
})

test.skipIf(!isKnown)(
  'Raspberry Pi 4: starts from its SD card in a machine with its processor and its controllers',
  { timeout: 3_600_000 },
  async () => {
    const { verdict, boots } = await prove(host, workspace, {
      boots: 1,
      models: { rpi4: raspi4b },
      alterStart: (start) => alterForQemu(host, start),
    })
    requirePassed(verdict)
    expect(boots('card-1').at(-1)?.facts?.get('disk')).toMatch(/^mmcblk\d /)
  },
)
