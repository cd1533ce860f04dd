import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import type { Lab } from '../../src/proof/lab.ts'
import { openLab } from '../../src/proof/lab.ts'
import { idleBudgetBytes, measureIdleWrites } from '../support/idle-writes.ts'
import { factsOf, switchOff, switchOn, untilReady } from '../support/lab.ts'
import { planOf } from '../support/proof.ts'
import { slow as test } from '../support/slow-test.ts'
import type { KeyPair } from '../support/ssh.ts'
import { keyPairIn, runOn } from '../support/ssh.ts'
import type { Workspace } from '../support/workspace.ts'
import { buildWorkspace, isRealRelease } from '../support/workspace.ts'

const address = '192.168.30.11'
let host: NodeHost
let key: KeyPair
let workspace: Workspace
let lab: Lab

beforeAll(async () => {
  host = createNodeHost()
  key = await keyPairIn('out/boot-tests/flash')
  workspace = await buildWorkspace('flash', (profile) => profile.replace('KEY', key.publicKey))
  const { plan, models } = await planOf(host, workspace)
  lab = await openLab(host, plan, {
    imageDirectory: workspace.imageDirectory,
    nodes: plan.nodes,
    models,
    accelerator: 'auto',
  })
})

afterAll(async () => {
  await lab?.close()
  await host.close()
})

const bootsInJournal = async (): Promise<number> =>
  Number(await runOn(lab, address, key, 'sudo journalctl --list-boots --quiet | wc -l'))

test('on an SD card: an idle system writes next to nothing, and its journal is kept at shutdown', async () => {
  const first = await switchOn(lab, 'card-1')
  const seen = await untilReady(host, lab, workspace.imageDirectory, first, address)
  const facts = seen.facts ?? (await factsOf(first))
  expect(facts.get('mounts')).toMatch(/"target": *"\/data"[^}]*noatime[^}]*commit=60/)
  expect(
    await runOn(lab, address, key, 'ls /var/log/journal 2>/dev/null; cat /proc/swaps | tail -n +2'),
  ).toBe('')

  const { systemBytes, withK3sBytes } = await measureIdleWrites(lab, address, key, isRealRelease)
  console.log(
    `idle writes in 10 minutes: ${systemBytes} bytes without k3s, with k3s ${withK3sBytes ?? 'unmeasured: no release of k3s was given'}`,
  )
  expect(systemBytes).toBeLessThanOrEqual(idleBudgetBytes)

  await switchOff([first])
  const second = await switchOn(lab, 'card-1')
  await untilReady(host, lab, workspace.imageDirectory, second, address)
  expect(await bootsInJournal()).toBe(2)
  const last = await runOn(
    lab,
    address,
    key,
    'sudo journalctl -b -1 --quiet -o cat | grep -c "appliance: card-1"',
  )
  expect(Number(last)).toBeGreaterThan(0)
  await switchOff([second])
})
