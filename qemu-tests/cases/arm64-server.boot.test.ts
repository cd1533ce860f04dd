import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { createArtifactStore } from '../../src/materialise/artifact-store.ts'
import { cacheDirectory } from '../../src/materialise/cache-paths.ts'
import { sha256Hex } from '../../src/plan/hash.ts'
import type { Facts } from '../../src/proof/channel/report-protocol.ts'
import { unpackChart } from '../../src/resolve/workloads/chart-archive.ts'
import type { BundleInspection } from '../../src/verify/inspect-bundle.ts'
import type { Inspection } from '../../src/verify/inspection.ts'
import { parseCertificates } from '../support/certificates.ts'
import { flipByte } from '../support/flip-byte.ts'
import { openWorkspaceLab } from '../support/lab.ts'
import { planOf, prove, requirePassed } from '../support/proof.ts'
import { databasePassword } from '../support/workloads.ts'
import type { Workspace } from '../support/workspace.ts'
import { appliance, artifactsDirectory, buildWorkspace, program } from '../support/workspace.ts'

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

/** `inspect` as a user runs it; what is wrong is part of what it says. */
const inspect = async <T>(file: string): Promise<T> =>
  JSON.parse((await appliance({ nothrow: true })`node ${program} inspect ${file} --format json`).stdout) as T

/** Of the payload, as the profile asks for it; nothing in it has a secret. */
const payloadOfOwn = [
  'images/extra-images-arm64.tar.zst',
  'manifests/bell.yaml',
  'manifests/gong.yaml',
  'manifests/oven.yaml',
  'manifests/timer.yaml',
]

test('the payload has the merged archive, manifests and the chart, and nothing with a secret', async () => {
  const { payload } = await inspect<Inspection>(join(workspace.imageDirectory, `${node}.img`))
  const paths = payload?.files.map(({ path }) => path) ?? []
  expect(paths).toEqual(expect.arrayContaining(payloadOfOwn))
  expect(paths.filter((path) => path.startsWith('manifests/'))).toHaveLength(4)
  const { plan } = await planOf(host, workspace)
  expect(plan.payloads[0]?.images.map(({ name }) => name)).toEqual([
    'docker.io/example/bell:2',
    'docker.io/example/oven:1.4',
    'registry.example.com/oven:1',
    'registry.example.com/timer:3',
  ])
})

test('a bundle of the built cluster: whole, the same bytes twice, searched for secrets; a changed one is refused', async () => {
  const { plan } = await planOf(host, workspace)
  const files = ['a', 'b'].map((name) => join(workspace.output, `${name}.bundle.tar`))
  for (const file of files) {
    await appliance`node ${program} bundle ${workspace.profile} --artifacts ${artifactsDirectory} -o ${file}`
  }
  const [first = '', second = ''] = files
  expect(await host.files.sha256(second)).toBe(await host.files.sha256(first))
  expect(await inspect<BundleInspection>(first)).toMatchObject({
    faults: [],
    architecture: 'arm64',
    payload: plan.payloads[0]?.id,
    files: expect.arrayContaining(payloadOfOwn.map((path) => expect.objectContaining({ path }))),
  })
  expect((await readFile(first)).includes(databasePassword)).toBe(false)
  const bundle = await open(second, 'r+')
  await bundle.write(Buffer.from('a flipped byte'), 0, 14, (await bundle.stat()).size / 2)
  await bundle.close()
  expect((await inspect<BundleInspection>(second)).faults).toEqual([
    expect.stringMatching(/^\S+ is not what SHA256SUMS says$/),
  ])
  for (const file of files) await rm(file)
})

/** The chart that the HelmChart of the payload holds. */
const packedChart = async (): Promise<Buffer> => {
  const { plan } = await planOf(host, workspace)
  const file = plan.payloads[0]?.files.find(({ path }) => path === 'manifests/bell.yaml')
  if (file?.content.kind !== 'artifact') throw new Error('the payload has no HelmChart')
  const store = createArtifactStore(host, cacheDirectory(host.environment))
  const text = await readFile(await store.path(file.content.artifact), 'utf8')
  return Buffer.from((parse(text) as { spec: { chartContent: string } }).spec.chartContent, 'base64')
}

test('arm64 single server: three boots, of which later ones are faster and all keep its identity', async () => {
  const { verdict, boots } = await prove(host, workspace, { boots: 3 })
  requirePassed(verdict)
  const [result] = verdict.nodes
  expect(result?.boots.map(({ boot }) => boot).slice(0, 3)).toEqual([1, 2, 3])
  expect(result?.checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...['machine-id-kept', 'ssh-host-keys-kept', 'imports-nothing-again'],
      ...['images-imported', 'manifests-placed', 'manifests-applied', 'charts-accepted'],
    ]),
  )
  const [firstBoot] = boots(node)
  expect(firstBoot?.facts?.get('image-imports')).toContain('extra-images-arm64.tar.zst')
  // What the profile gave k3s to deploy, by the names that k3s knows it by; the chart came whole.
  const workloads = firstBoot?.api?.workloads
  expect(workloads?.addOns.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['bell', 'database', 'gong', 'oven', 'timer']),
  )
  const packed = await packedChart()
  expect(workloads?.charts.find(({ name }) => name === 'bell')?.sha256).toBe(sha256Hex(packed))
  const content = await unpackChart(packed)
  expect('code' in content ? content : [...content.keys()]).toEqual([
    'Chart.yaml',
    'templates/deployment.yaml',
    'values.yaml',
  ])
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
  const archiveName = 'k3s-airgap-images-arm64.tar.zst'
  const imageDirectory = await host.files.makeTemporaryDirectory('appliance-flipped-', workspace.output)
  const image = join(imageDirectory, `${node}.img`)
  await host.files.copy(join(workspace.imageDirectory, `${node}.img`), image)
  await flipByte(host, image, join(artifactsDirectory, archiveName))
  const lab = await openWorkspaceLab(host, workspace, imageDirectory)
  try {
    const [labNode] = lab.nodes
    if (labNode === undefined) throw new Error('the profile has no node')
    const machine = await labNode.powerOn()
    const refusal = (): string | undefined =>
      machine.console.phases().find(({ text }) => text.includes(archiveName))?.text
    await expect.poll(refusal, { timeout: 600_000, interval: 1000 }).toBeDefined()
    await expect.poll(() => machine.report.bootIds().length, { timeout: 300_000, interval: 1000 }).toBe(1)
    // The launcher tries again by itself, and while it reads the archives it has not failed yet.
    let facts: Facts | undefined
    const status = async (): Promise<unknown> => {
      facts = await machine.report.collect(120_000)
      return JSON.parse(facts?.get('status-json') ?? '{}')
    }
    await expect
      .poll(status, { timeout: 600_000, interval: 2000 })
      .toMatchObject({ phase: 'failed', error: expect.stringContaining(archiveName) })
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
