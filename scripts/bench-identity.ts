/**
 * `npx tsx scripts/bench-identity.ts`: how long keys, certificates, tokens and the state take, medians of 20 in one process
 * after a first run that loads everything. `scripts/bench.ts` takes its rows from here.
 */
import { randomBytes } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { createNodeHost } from '../src/host/node-host.ts'
import { nodePassword } from '../src/materialise/node-password.ts'
import type { ClusterPki } from '../src/materialise/pki/cluster-pki.ts'
import { makeClusterPki } from '../src/materialise/pki/cluster-pki.ts'
import type { PkiWorld } from '../src/materialise/pki/issue.ts'
import { makeClientCertificate } from '../src/materialise/pki/issue.ts'
import { makeTestCa } from '../src/materialise/pki/testing.ts'
import { Secret } from '../src/materialise/secrets.ts'
import { newIdentity } from '../src/materialise/state/create-state.ts'
import { createStateStore } from '../src/materialise/state/state-store.ts'
import { agentToken, bootstrapToken, withBootstrapTokens } from '../src/materialise/tokens.ts'

export interface IdentityFigure {
  readonly what: string
  readonly seconds: number
  /** Of all threads: what it takes of the clock on a machine that does nothing else is this at most. */
  readonly cpuSeconds: number
  /** Seconds that it must stay below. */
  readonly bar: number
}

const world: PkiWorld = { now: Date.now, randomBytes: (length) => Uint8Array.from(randomBytes(length)) }
const times = 20

type Medians = Pick<IdentityFigure, 'seconds' | 'cpuSeconds'>

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN

const medians = async (run: () => Promise<unknown>): Promise<Medians> => {
  await run()
  const values: number[] = []
  const cpuValues: number[] = []
  for (let count = 0; count < times; count += 1) {
    const started = performance.now()
    const cpu = process.cpuUsage()
    await run()
    values.push((performance.now() - started) / 1000)
    const { user, system } = process.cpuUsage(cpu)
    cpuValues.push((user + system) / 1_000_000)
  }
  return { seconds: median(values), cpuSeconds: median(cpuValues) }
}

const source = { kind: 'pkcs12', file: '', password: null } as const

/** With a root of the user's own, from which an intermediate, five issuing CAs, a service key and the administrator's follow. */
const pkiOfOwnRoot = async (): Promise<() => Promise<ClusterPki>> => {
  const root = await makeTestCa({ end: '2060-01-01' })
  const authority = { role: 'root', certificates: [root.crt], key: root.object } as const
  const plan = { cluster: 'bench', pki: { form: 'chain', authority: { role: 'root', source } } } as const
  return async () => {
    const pki = await makeClusterPki(plan, world, authority)
    const admin = { user: 'appliance-admin', groups: ['system:masters'] }
    await makeClientCertificate(admin, pki.authorities['client-ca'], 1095, world)
    return pki
  }
}

const nodes = Array.from({ length: 1000 }, (_, index) => ({ node: `node-${index}`, expires: null }))

/** Node password and bootstrap token of every node, as the text of the files that hold them. */
const identities = (pki: ClusterPki): readonly string[] => {
  const tokens = { server: '0'.repeat(32), agent: '1'.repeat(32) }
  const made = withBootstrapTokens([], nodes, world.randomBytes)
  return made.flatMap((token) => [
    nodePassword('2'.repeat(64), token.node),
    bootstrapToken({ pki }, token),
    agentToken({ pki, tokens }),
  ])
}

/** With a bootstrap token for each node, and a kubeconfig for every tenth. */
const openState = async (pki: ClusterPki): Promise<Medians> => {
  const host = createNodeHost({ offline: true })
  try {
    const directory = await host.files.makeTemporaryDirectory('bench-state-')
    const identity = await generateX25519Identity()
    const recipients = [await identityToRecipient(identity)]
    const secret = { at: 'cluster.state.identity', source: { env: 'BENCH_IDENTITY' } }
    const plan = {
      cluster: 'bench',
      stateProtection: { kind: 'recipients', recipients, identity: secret },
    } as const
    const readSecret = async () => new Secret(identity)
    const store = createStateStore(host, directory, plan, {
      readSecret,
      profileDirectory: directory,
      ask: null,
    })
    const clients = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const client = { user: `user-${index}`, groups: ['dev'] }
        const made = await makeClientCertificate(client, pki.authorities['client-ca'], 90, world)
        return { ...client, ...made, lifetimeDays: 90 }
      }),
    )
    const bootstrapTokens = withBootstrapTokens([], nodes, world.randomBytes)
    await store.write({ ...newIdentity(host, plan.cluster), pki, clients, bootstrapTokens })
    return await medians(() => store.read())
  } finally {
    await host.close()
  }
}

export const identityFigures = async (): Promise<readonly IdentityFigure[]> => {
  const makePki = await pkiOfOwnRoot()
  const pki = await makePki()
  return [
    {
      what: 'certificates and keys of a cluster of 3 servers, own P-256 root and intermediate',
      ...(await medians(makePki)),
      bar: 0.5,
    },
    {
      what: '1,000 node identities (node password, bootstrap token)',
      ...(await medians(async () => identities(pki))),
      bar: 1,
    },
    {
      what: 'the state of 1,000 nodes opened, encrypted to a recipient (no key to derive)',
      ...(await openState(pki)),
      bar: 0.2,
    },
  ]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const figures = await identityFigures()
  for (const { what, seconds, cpuSeconds, bar } of figures)
    process.stdout.write(
      `${seconds.toFixed(3)} s, processor ${cpuSeconds.toFixed(3)} s  (bar ${bar} s)  ${what}\n`,
    )
  if (figures.some(({ seconds, bar }) => seconds >= bar)) process.exitCode = 1
}
