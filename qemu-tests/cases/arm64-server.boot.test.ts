import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { openLab } from '../../src/proof/lab.ts'
import { parseCertificates } from '../support/certificates.ts'
import { flipByte } from '../support/flip-byte.ts'
import { planOf, prove, requirePassed } from '../support/proof.ts'
import type { Workspace } from '../support/workspace.ts'
import { artifactsDirectory, buildWorkspace } from '../support/workspace.ts'

const node = 'kiln-1'
let host: NodeHost
let workspace: Workspace

beforeAll(async () => {
  host = createNodeHost()
  workspace = await buildWorkspace('arm64-server')
})

afterAll(async () => {
  await host.close()
})

test('arm64 single server: three boots, of which later ones are faster and all keep its identity', async () => {
  const { verdict } = await prove(host, workspace, { boots: 3 })
  requirePassed(verdict)
  const [result] = verdict.nodes
  expect(result?.boots.map(({ boot }) => boot).slice(0, 3)).toEqual([1, 2, 3])
  expect(result?.checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['machine-id-kept', 'ssh-host-keys-kept', 'imports-nothing-again']),
  )
})

test('clock at 1970: the node lifts it, and every certificate is valid at it', async () => {
  const { verdict, boots } = await prove(host, workspace, { boots: 1, clockBase: '1970-01-01T00:00:00' })
  requirePassed(verdict)
  const facts = boots(node).at(-1)?.facts
  const now = Number(facts?.get('clock')?.split(' ')[0])
  expect(now).toBeGreaterThan(Date.parse('2025-01-01') / 1000)
  // The clock was not set from anywhere: it stands at most an hour after a time that the image carries.
  expect(now).toBeLessThan(host.now() / 1000 + 3600)
  const certificates = parseCertificates(facts?.get('certificates') ?? '')
  expect(certificates.some(({ path }) => path.endsWith('/server/tls/server-ca.crt'))).toBe(true)
  expect(certificates.some(({ path }) => path.endsWith('serving-kube-apiserver.crt'))).toBe(true)
  expect(certificates.filter(({ notBefore, notAfter }) => notBefore > now || notAfter < now)).toEqual([])
})

test('no link at all: k3s serves and no unit fails', async () => {
  const { verdict, boots } = await prove(host, workspace, { boots: 1, link: false })
  requirePassed(verdict)
  expect(boots(node).at(-1)?.facts?.get('ping')?.trim()).toBe('pong')
})

test('one flipped byte in an image archive: refused by name, k3s not started', async () => {
  const { plan, models } = await planOf(host, workspace)
  const archiveName = 'k3s-airgap-images-arm64.tar.zst'
  const imageDirectory = await host.files.makeTemporaryDirectory('appliance-flipped-', workspace.output)
  const image = join(imageDirectory, `${node}.img`)
  await host.files.copy(join(workspace.imageDirectory, `${node}.img`), image)
  await flipByte(host, image, join(artifactsDirectory, archiveName))
  const lab = await openLab(host, plan, { imageDirectory, nodes: plan.nodes, models, accelerator: 'auto' })
  try {
    const [labNode] = lab.nodes
    if (labNode === undefined) throw new Error('the profile has no node')
    const machine = await labNode.powerOn()
    const refusal = (): string | undefined =>
      machine.console.phases().find(({ text }) => text.includes(archiveName))?.text
    await expect.poll(refusal, { timeout: 600_000, interval: 1000 }).toBeDefined()
    await expect.poll(() => machine.report.bootIds().length, { timeout: 300_000, interval: 1000 }).toBe(1)
    const facts = await machine.report.collect(120_000)
    const status = JSON.parse(facts?.get('status-json') ?? '{}') as Record<string, unknown>
    expect(status).toMatchObject({ phase: 'failed', error: expect.stringContaining(archiveName) })
    expect(facts?.get('exec-uptime')).toBe('')
    expect(facts?.get('k3s-active')?.trim()).not.toBe('active')
    expect(facts?.get('ping')).toBe('')
    expect(facts?.get('payload-verified')?.trim()).toBe('failed')
    expect(machine.console.phases().some(({ text }) => text.startsWith('starting k3s'))).toBe(false)
    expect(await machine.powerOff(180_000)).toBe(true)
  } finally {
    await lab.close()
    await rm(imageDirectory, { recursive: true, force: true })
  }
})
