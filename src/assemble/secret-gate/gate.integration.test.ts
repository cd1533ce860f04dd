import { Buffer } from 'node:buffer'
import { createPrivateKey, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StepFault } from '../../diagnostics/fault.ts'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { createBuiltStore } from '../../materialise/built-store.ts'
import type { Materials } from '../../materialise/materials.ts'
import { createSecretReader } from '../../materialise/secrets/reader.ts'
import { openState } from '../../materialise/state/state.ts'
import { stateSecrets } from '../../materialise/state/state-secrets.ts'
import type { BuildPlan, FileContent, InstallEntry, NodePlan } from '../../plan/build-plan.ts'
import { seedContents } from '../seed.ts'
import { tinyPlan } from '../testing.ts'
import { searchForSecrets } from './gate.ts'

const proxy = `http://user:${randomBytes(9).toString('hex')}@proxy:3128`
const profileSecret = { at: 'site.proxy.https', source: { env: 'PROXY_URL' } } as const

let host: TestHost
let folder: string
let materials: Materials
let values: ReadonlyMap<string, string>

beforeAll(async () => {
  host = createTestHost({
    environment: { PATH: process.env['PATH'], HOME: '/nonexistent', PROXY_URL: proxy },
  })
  folder = await host.files.makeTemporaryDirectory('gate-')
  const state = await openState(host, join(folder, '.appliance/tiny'), tinyPlan())
  materials = {
    artifacts: { ...unused, path: async ({ name }) => join(folder, name) },
    built: createBuiltStore(host, join(folder, 'cache')),
    state,
    secrets: createSecretReader(host, folder),
    baseDisks: new Map(),
    bases: new Map([['base1', folder]]),
    imageArchive: () => Promise.reject(new Error('the gate makes no archive')),
  }
  const [admin] = tinyPlan().kubeconfigs
  if (admin !== undefined) await state.clientCertificate(admin, admin.lifetimeDays)
  values = new Map(stateSecrets(state.document(), ['one', 'two']).map(({ name, value }) => [name, value]))
})
afterAll(() => host.close())

const unused = {} as Materials['artifacts']

const secretOf = (name: string): string => {
  const value = name === 'proxy' ? proxy : values.get(name)
  if (value === undefined) throw new Error(`the state has no ${name}`)
  return value
}

const agent = (node: NodePlan): NodePlan => ({
  ...node,
  role: 'agent',
  seed: {
    ...node.seed,
    install: [
      state('/var/lib/appliance/secrets/token', 'token/agent'),
      state('/etc/rancher/node/password', `node-password/${node.name}`),
      {
        target: '/etc/default/k3s',
        mode: 0o600,
        content: { kind: 'composed', parts: ['HTTPS_PROXY=', { secret: profileSecret, as: 'text' }, '\n'] },
      },
    ],
  },
})

const state = (target: string, name: string): InstallEntry => ({
  target,
  mode: 0o600,
  content: { kind: 'state', reference: { name, secret: true } },
})

/** A first server and an agent, the agent with a proxy of the profile's. */
const planOf = (change: (plan: BuildPlan) => BuildPlan = (plan) => plan): BuildPlan => {
  const plan = tinyPlan()
  const [one, two] = plan.nodes
  if (one === undefined || two === undefined) throw new Error('two nodes are wanted')
  const keys = ['server-ca', 'client-ca'].map((ca) => state(`/tls/${ca}.key`, `pki/${ca}.key`))
  const first = { ...one, seed: { ...one.seed, install: [...one.seed.install, ...keys] } }
  return change({ ...plan, nodes: [first, agent(two)] })
}

const search = (plan: BuildPlan, logs: readonly string[] = []): Promise<void> =>
  searchForSecrets(host, plan, materials, { nodes: plan.nodes, documents: {}, logs })

const faultOf = async (plan: BuildPlan, logs: readonly string[] = []): Promise<StepFault> => {
  const fault = await search(plan, logs).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(fault instanceof StepFault)) throw new Error(`no fault: ${String(fault)}`)
  expect(fault.code).toBe('B1001')
  const shown = JSON.stringify([fault.message, fault.help, fault.lastLines])
  for (const value of [...values.values(), proxy]) expect(shown).not.toContain(value.trim().slice(-24))
  return fault
}

const inPayload = (content: FileContent, path = 'manifests/app.yaml') =>
  planOf((plan) => ({
    ...plan,
    payloads: plan.payloads.map((payload) => ({
      ...payload,
      files: [...payload.files, { path, mode: 0o644, content }],
    })),
  }))

/** A file of the user's in the payload, by its path in the test's folder. */
const withArtifact = async (name: string, bytes: Uint8Array): Promise<BuildPlan> => {
  await host.files.writeAtomic(join(folder, name), bytes)
  const sha256 = await host.files.sha256(join(folder, name))
  const artifact = { name, sizeBytes: bytes.length, sha256 } as const
  return inPayload({ kind: 'artifact', artifact: { ...artifact, source: name } as never }, `images/${name}`)
}

test('a plan in which every secret is in its place passes', async () => {
  await expect(search(planOf())).resolves.toBeUndefined()
})

const forms: readonly (readonly [string, (value: string) => string])[] = [
  ['as it is', (value) => value],
  ['in hex', (value) => Buffer.from(value).toString('hex')],
  ['in upper-case hex', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ['in base64', (value) => Buffer.from(value).toString('base64')],
  ['in base64 after a byte', (value) => Buffer.from(`:${value}\n`).toString('base64')],
  ['in base64 after two bytes', (value) => Buffer.from(`::${value}\n`).toString('base64')],
  [
    'in base64 in lines',
    (value) => Buffer.from(`head ${value}`).toString('base64').replace(/.{20}/g, '$&\n    '),
  ],
]
const names = [
  'token/server',
  'token/agent',
  'node-password/one',
  'cluster-secret',
  'pki/server-ca.key',
  'proxy',
]

describe.each(names)('%s in what nodes share', (name) => {
  test.each(forms)('%s', async (_, form) => {
    const text = `apiVersion: v1\n# ${form(secretOf(name).trim())}\n`
    const fault = await faultOf(inPayload({ kind: 'text', text }))
    expect(fault.message).toContain(name === 'proxy' ? "the profile's site.proxy.https" : name)
    expect(fault.message).toContain('manifests/app.yaml of the payload for arm64, at byte ')
  })
})

test('the private number of a key is found without its PEM', async () => {
  const { d } = createPrivateKey(secretOf('pki/client-ca.key')).export({ format: 'jwk' })
  const fault = await faultOf(
    await withArtifact('key.der', Buffer.concat([randomBytes(777), Buffer.from(String(d), 'base64url')])),
  )
  expect(fault.message).toContain('pki/client-ca.key is in images/key.der')
  expect(fault.message).toContain('at byte 777, as it is')
})

test('certificates are no secrets, and neither are public keys', async () => {
  const { pki } = materials.state.document()
  const text = Object.values(pki.authorities)
    .map(({ crt }) => crt + Buffer.from(crt).toString('base64'))
    .join('')
  await expect(search(inPayload({ kind: 'text', text }))).resolves.toBeUndefined()
})

test.each([
  ['zstd', ['zstd', '-q', '-c']],
  ['gzip', ['gzip', '-c']],
  ['xz', ['xz', '-c', '-0']],
])("in the user's image archive, packed by %s", async (_, argv) => {
  const plain = join(folder, 'plain')
  const value = secretOf('token/server')
  await host.files.writeAtomic(plain, randomBytes(1_000_000).toString('hex') + value)
  await host.exec(argv, { stdinFile: plain, stdoutFile: join(folder, 'packed') })
  const packed = (await host.files.readBytes(join(folder, 'packed'))) ?? new Uint8Array()
  const fault = await faultOf(await withArtifact('app.tar.packed', packed))
  expect(fault.message).toContain(
    'token/server is in images/app.tar.packed of the payload for arm64, unpacked, at byte 2000000',
  )
  // What was found once is found again: only the absence of secrets is remembered.
  await faultOf(await withArtifact('app.tar.packed', packed))
})

test('an unchanged file is not read again, until there is another secret', async () => {
  const plan = await withArtifact('app.tar', randomBytes(100_000))
  await search(plan)
  await host.files.remove(join(folder, 'app.tar'))
  await expect(search(plan)).resolves.toBeUndefined()
  const [one, two] = plan.nodes
  if (one === undefined || two === undefined) throw new Error('two nodes are wanted')
  await expect(search({ ...plan, nodes: [one, two, { ...agent(two), name: 'three' }] })).rejects.toThrow(
    'app.tar',
  )
})

test.each([
  ["another node's password", 'user-data', 'node-password/one'],
  ["the server's token", 'user-data', 'token/server'],
  ['its own token in the wrong file', 'user-data', 'token/agent'],
])("%s in an agent's seed", async (_, path, name) => {
  const plan = planOf((whole) => ({
    ...whole,
    nodes: whole.nodes.map((node) =>
      node.name === 'one'
        ? node
        : {
            ...node,
            seed: {
              ...node.seed,
              files: [{ path, mode: 0o644, content: { kind: 'text', text: `x: ${secretOf(name)}` } }],
            },
          },
    ),
  }))
  const fault = await faultOf(plan)
  const listed = [fault.message, ...fault.lastLines].join('\n')
  expect(listed).toContain(`${name} is in ${path} in the seed of two, at byte 3`)
})

test('in a log of this run, and in the plan itself', async () => {
  const log = join(folder, 'base.log')
  await host.files.writeAtomic(log, `$ curl -u x:${secretOf('proxy')}\n`)
  expect((await faultOf(planOf(), [log])).message).toContain(`in the log ${log}`)
  const plan = planOf((whole) => ({ ...whole, k3sVersion: secretOf('token/agent') }))
  expect((await faultOf(plan)).message).toContain('token/agent is in the plan')
})

test("no node's seed holds bytes of another's secrets, and an agent's neither CA keys nor the server token", async () => {
  const plan = planOf()
  for (const node of plan.nodes) {
    const files = await seedContents(host, materials, node)
    const bytes = Buffer.concat(files.map(({ source }) => Buffer.from(source)))
    for (const [name, value] of values) {
      const isOwn = node.seed.install.some(
        ({ content }) => content.kind === 'state' && content.reference.name === name,
      )
      const needle = value.startsWith('-----') ? (value.split('\n')[1] ?? value) : value.trim()
      // The first line of an EC key begins with what all such keys have in common: its end is its own.
      expect(bytes.includes(needle.slice(-14)), `${name} in the seed of ${node.name}`).toBe(isOwn)
    }
  }
})
