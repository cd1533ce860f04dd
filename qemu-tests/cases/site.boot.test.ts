import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { openWorkspaceLab } from '../support/lab.ts'
import { prove, requirePassed } from '../support/proof.ts'
import type { Workspace } from '../support/workspace.ts'
import { buildWorkspace } from '../support/workspace.ts'

const node = 'gate-1'
const password = 'correct-horse-battery-staple'
let host: NodeHost
let workspace: Workspace

beforeAll(async () => {
  process.env['SITE_REGISTRY_PASSWORD'] = password
  process.env['SITE_PROXY'] = 'http://bakery:hard-to-guess@192.168.30.1:3129'
  host = createNodeHost()
  workspace = await buildWorkspace('site')
})

afterAll(async () => {
  await host.close()
})

test('a site with proxy, registries and firewall: everything in place, and the API reached through the firewall', async () => {
  const { verdict, boots } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
  expect(verdict.nodes[0]?.checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'firewall',
      'firewall-reload',
      'registries-private',
      'proxy-known',
      'kubeconfig-accepted',
    ]),
  )
  for (const boot of boots(node)) {
    const facts = boot.facts
    expect(facts?.get('firewall')).toMatch(/udp dport 8472 counter packets \d+ bytes \d+ drop/)
    // What kube-proxy made is what the reload must leave.
    expect(facts?.get('firewall-reload')).toMatch(/^kept ip nat KUBE-SERVICES$/m)
    // Told by its hardware address; the node found the name.
    expect(facts?.get('k3s-config')).toMatch(/^flannel-iface: e\w+$/m)
    expect(facts?.get('proxy-names')?.trim().split('\n')).toEqual(['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'])
    expect([...(facts?.values() ?? [])].join('\n')).not.toContain(password)
  }
})

/** What a stranger on the site sees: `answers`, `refused` (nobody listens) or `silent` (nothing comes back). */
const seenFrom = (port: number): Promise<string> =>
  new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (said: string): void => {
      socket.destroy()
      done(said)
    }
    const timer = setTimeout(() => end('silent'), 20_000)
    const say = (said: string) => (): void => {
      clearTimeout(timer)
      end(said)
    }
    socket.on('data', say('answers')).on('close', say('refused')).on('error', say('refused'))
  })

test('a stranger on the site reaches ssh and what is opened, and neither the kubelet nor etcd', async () => {
  const lab = await openWorkspaceLab(host, workspace)
  try {
    const [labNode] = lab.nodes
    if (labNode === undefined) throw new Error('the profile has no node')
    const machine = await labNode.powerOn()
    const serves = async (): Promise<string | undefined> =>
      (await machine.report.collect(120_000))?.get('k3s-active')?.trim()
    await expect.poll(() => machine.report.bootIds().length, { timeout: 600_000, interval: 1000 }).toBe(1)
    await expect.poll(serves, { timeout: 600_000, interval: 5000 }).toBe('active')
    const ask = async (port: number): Promise<string> => seenFrom(await lab.forward('192.168.30.11', port))
    expect(await ask(22)).toBe('answers')
    expect(await ask(9100)).toBe('refused')
    for (const port of [10250, 2379, 5001, 30000]) expect(await ask(port), `${port}/tcp`).toBe('silent')
    expect(await machine.powerOff(180_000)).toBe(true)
  } finally {
    await lab.close()
  }
})
