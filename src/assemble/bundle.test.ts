import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { oneServer, pinnedProfile } from '../cli/testing/pinned-profile.ts'
import { runInProcess } from '../cli/testing/run-program.ts'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { Materials } from '../materialise/materials.ts'
import type { BuildPlan, PlannedFile } from '../plan/build-plan.ts'
import { inspectBundle } from '../verify/inspect-bundle.ts'
import { writeBundle } from './bundle.ts'
import { tinyPlan } from './testing.ts'

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('bundle-')
})
afterEach(() => host.close())

const file = (path: string, text: string, mode = 0o644): PlannedFile => ({
  path,
  mode,
  content: { kind: 'text', text },
})
/** The start of an ELF file for AArch64; only what is ASCII, since planned texts are UTF-8. */
const elf = (machine: number): string =>
  `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x02\0${String.fromCharCode(machine)}\0`

const planWith = (k3s: string): BuildPlan => {
  const plan = tinyPlan()
  const [payload] = plan.payloads
  if (payload === undefined) throw new Error('the tiny plan has no payload')
  const files = [
    file('bin/k3s', k3s, 0o755),
    file('images.txt', 'docker.io/rancher/mirrored-pause:3.6\n'),
    file('manifests/app.yaml', `# ${'x'.repeat(3000)}\n`),
  ]
  const sums = files
    .map(({ path, content }) => {
      const text = content.kind === 'text' ? content.text : ''
      return `${createHash('sha256').update(text).digest('hex')}  ${path}\n`
    })
    .join('')
  return { ...plan, payloads: [{ ...payload, files: [...files, file('SHA256SUMS', sums)] }] }
}

const write = async (name: string, plan = planWith('#!/bin/sh\n')): Promise<string> => {
  const [payload] = plan.payloads
  if (payload === undefined) throw new Error('the plan has no payload')
  const path = join(folder, name)
  const materials = {} as Materials
  const { sha256, sizeBytes } = await writeBundle(host, materials, plan, payload, path)
  expect(await host.files.sha256(path)).toBe(sha256)
  expect((await host.files.stat(path))?.sizeBytes).toBe(sizeBytes)
  return path
}

const faultsOf = async (path: string): Promise<readonly string[]> => (await inspectBundle(host, path)).faults

const changed = async (path: string, change: (bytes: Buffer) => Uint8Array): Promise<string> => {
  const bytes = Buffer.from((await host.files.readBytes(path)) ?? new Uint8Array())
  await host.files.writeAtomic(`${path}.changed`, change(bytes))
  return `${path}.changed`
}

test('a bundle is the payload with its checksums and a description; the same plan gives the same bytes', async () => {
  const path = await write('a.tar')
  expect(await host.files.sha256(await write('b.tar'))).toBe(await host.files.sha256(path))
  const bundle = await inspectBundle(host, path)
  expect(bundle).toMatchObject({
    cluster: 'tiny',
    k3sVersion: 'v1.33.1+k3s1',
    architecture: 'arm64',
    payload: 'payload1',
    images: ['docker.io/rancher/mirrored-pause:3.6'],
    faults: [],
  })
  expect(bundle.files.map((each) => each.path)).toEqual([
    'SHA256SUMS',
    'bin/k3s',
    'bundle.json',
    'images.txt',
    'manifests/app.yaml',
  ])
  expect(await host.files.list(folder)).toEqual(['a.tar', 'b.tar'])
})

test('a changed byte, a cut and a foreign k3s are found', async () => {
  const path = await write('a.tar')
  const flipped = await changed(path, (bytes) => {
    bytes[bytes.indexOf('xxxx') + 100] = 0x79
    return bytes
  })
  expect(await faultsOf(flipped)).toEqual(['manifests/app.yaml is not what SHA256SUMS says'])
  const cut = await changed(path, (bytes) => bytes.subarray(0, bytes.indexOf('xxxx') + 10))
  expect(await faultsOf(cut)).toEqual(['it is cut short', 'manifests/app.yaml is missing'])
  expect(await faultsOf(await write('foreign.tar', planWith(elf(62))))).toEqual([
    'it says arm64, and its k3s is for amd64',
  ])
  await expect(faultsOf(await changed(path, (bytes) => bytes.subarray(0, 600)))).rejects.toThrow('cut short')
})

test('inspect knows a bundle by its content, and ends with 5 when it is damaged', async () => {
  const path = await write('a.tar')
  const whole = await runInProcess(['inspect', path])
  expect(whole).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('whole: every file') })
  const damaged = await changed(path, (bytes) => {
    bytes[bytes.indexOf('xxxx') + 100] = 0x79
    return bytes
  })
  const run = await runInProcess(['inspect', damaged, '--format', 'json'])
  expect(run.exitCode).toBe(5)
  expect(JSON.parse(run.stdout).faults).toEqual(['manifests/app.yaml is not what SHA256SUMS says'])
})

test('a cluster that was never built has no bundle, and none is made by asking', async () => {
  const profile = await pinnedProfile(host, folder, oneServer('  state: { encryption: none }'))
  const run = await runInProcess(['bundle', profile, '-o', join(folder, 'x.tar')])
  expect(run.exitCode).toBe(3)
  expect(run.stderr).toContain('has not been built')
  expect(await host.files.stat(join(folder, '.appliance'))).toBeUndefined()
  const foreign = await runInProcess(['bundle', profile, '--arch', 'amd64'])
  expect(foreign).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there are: arm64') })
})
