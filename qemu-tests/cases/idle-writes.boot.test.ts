import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import type { CardNode } from '../support/idle-writes.ts'
import { idleBudgetBytes, measureIdleWrites, openCardNode } from '../support/idle-writes.ts'
import { factsOf, switchOff, switchOn, untilReady } from '../support/lab.ts'
import { slow as test } from '../support/slow-test.ts'
import { runOn } from '../support/ssh.ts'
import { isRealRelease } from '../support/workspace.ts'

let host: NodeHost
let card: CardNode

beforeAll(async () => {
  host = createNodeHost()
  card = await openCardNode(host)
})

afterAll(async () => {
  await card?.lab.close()
  await host.close()
})

const run = (command: string): Promise<string> => runOn(card.lab, card.address, card.key, command)

test('on an SD card: an idle system writes next to nothing, and its journal is kept at shutdown', async () => {
  const { lab, workspace, address, key } = card
  const first = await switchOn(lab, 'card-1')
  const seen = await untilReady(host, lab, workspace.imageDirectory, first, address)
  const facts = seen.facts ?? (await factsOf(first))
  expect(facts.get('mounts')).toMatch(/"target": *"\/data"[^}]*noatime[^}]*commit=60/)
  expect(await run('ls /var/log/journal 2>/dev/null; cat /proc/swaps | tail -n +2')).toBe('')

  const { systemBytes, withK3sBytes } = await measureIdleWrites(lab, address, key, isRealRelease)
  console.log(
    `idle writes in 10 minutes: ${systemBytes} bytes without k3s, with k3s ${withK3sBytes ?? 'unmeasured: no release of k3s was given'}`,
  )
  expect(systemBytes).toBeLessThanOrEqual(idleBudgetBytes)

  await switchOff([first])
  const second = await switchOn(lab, 'card-1')
  await untilReady(host, lab, workspace.imageDirectory, second, address)
  expect(await run('sudo journalctl --list-boots --quiet | wc -l')).toBe('2\n')
  const last = await run('sudo journalctl -b -1 --quiet -o cat | grep -c "appliance: card-1"')
  expect(Number(last)).toBeGreaterThan(0)
  await switchOff([second])
})
