import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { parseCertificates } from '../support/certificates.ts'
import {
  factsOf,
  openWorkspaceLab,
  statusIn,
  switchOff,
  switchOn,
  untilReady,
  untilSaid,
} from '../support/lab.ts'
import { slow } from '../support/slow-test.ts'
import { buildWorkspace } from '../support/workspace.ts'

const daySeconds = 86_400
const address = '192.168.10.11'

let host: NodeHost

beforeAll(() => {
  host = createNodeHost()
})

afterAll(async () => {
  await host.close()
})

/** Leaves that k3s issued: everything but the authorities. */
const isLeaf = (path: string): boolean => !/-ca(\.nochain)?\.crt$/.test(path)

// Minutes of waiting for clocks and timers.
slow('300 days pass while k3s runs: it is restarted, and its certificates last another year', async () => {
  const workspace = await buildWorkspace('renewal')
  const { imageDirectory } = workspace
  const lab = await openWorkspaceLab(host, workspace)
  // Without an answer systemd-timesyncd asks again within minutes; with one it would wait up to half an hour.
  lab.setTimeAhead(null)
  try {
    const server = await switchOn(lab, 'kiln-1')
    const { facts: before } = await untilReady(host, lab, imageDirectory, server, address)
    if (before === undefined) throw new Error('the server did not report')
    const processBefore = /^MainPID=(\d+)$/m.exec(before.get('k3s-show') ?? '')?.[1]
    const daysLeft = (facts: typeof before): number => {
      const now = Number(facts.get('clock')?.split(' ')[0])
      return (Date.parse(statusIn(facts)['certificatesEnd'] ?? '') / 1000 - now) / daySeconds
    }
    expect(daysLeft(before)).toBeGreaterThan(364)

    lab.setTimeAhead(300 * daySeconds)
    const movedMs = server.machine.sinceMs()
    const said = await untilSaid(server, /^certificate .*: restarting k3s/, 600_000)
    expect(said.text).toMatch(/^certificate \S+\.crt ends on [0-9-]{10}: restarting k3s, which renews it$/)
    await expect
      .poll(() => server.machine.console.phases().filter(({ text }) => text === 'k3s is ready').length, {
        timeout: 600_000,
        interval: 500,
      })
      .toBe(2)
    const readyMs = server.machine.sinceMs()

    const after = await factsOf(server)
    const [clock = '', source = ''] = (after.get('clock') ?? '').trim().split(' ')
    const now = Number(clock)
    expect(source).toBe('ntp')
    expect(now - host.now() / 1000).toBeGreaterThan(299.9 * daySeconds)
    expect(/^MainPID=(\d+)$/m.exec(after.get('k3s-show') ?? '')?.[1]).not.toBe(processBefore)
    // The same start of the machine: only k3s was restarted.
    expect(after.get('boot-id')).toBe(before.get('boot-id'))
    const ofLeaf = new Map<string, number>()
    for (const { path, notAfter } of parseCertificates(after.get('certificates') ?? '')) {
      // The first of a file is the leaf; its authorities follow.
      if (isLeaf(path) && !ofLeaf.has(path)) ofLeaf.set(path, notAfter)
    }
    expect([...ofLeaf.keys()].some((path) => path.endsWith('/server/tls/client-admin.crt'))).toBe(true)
    expect([...ofLeaf.keys()].some((path) => path.endsWith('/agent/client-kubelet.crt'))).toBe(true)
    expect([...ofLeaf].filter(([, notAfter]) => notAfter - now < 300 * daySeconds)).toEqual([])
    expect(daysLeft(after)).toBeGreaterThan(300)
    expect(after.get('failed-units')?.trim()).toBe('')
    expect(after.get('ping')?.trim()).toBe('pong')
    host.report.info(
      `said ${((said.atMs - movedMs) / 1000).toFixed(0)} s after the clock of the site, ready again ${((readyMs - said.atMs) / 1000).toFixed(0)} s later`,
    )
    await switchOff([server])
  } finally {
    await lab.close()
  }
})
