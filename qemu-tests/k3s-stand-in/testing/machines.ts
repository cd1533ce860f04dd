/** Machines that run the built executable; those of a test are thrown away after it. */

import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll } from 'vitest'
import type { Authority } from './certificates.ts'
import { freePort, Sandbox } from './sandbox.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64'

export const RELEASE = join(ROOT, 'release')
export const ARCHIVE = `k3s-airgap-images-${ARCHITECTURE}.tar.zst`
export const SERVER = '/var/lib/rancher/k3s/server'
export const TOKENS = {
  token: '0123456789abcdef0123456789abcdef',
  'agent-token': 'fedcba9876543210fedcba9876543210',
} as const

/** Of a single server; what a test gives counts more. */
export const SERVER_CONFIG = {
  ...TOKENS,
  'node-name': 'bakery-1',
  'node-ip': '127.0.0.1',
  'tls-san': ['bakery.example.com'],
}

const sandboxes: Sandbox[] = []

/** For the head of a file of tests. */
export function useMachines(): void {
  beforeAll(() => {
    execFileSync('npx', ['tsx', join(ROOT, 'build.ts')], { stdio: 'inherit' })
  })
  afterEach(async () => {
    await Promise.all(sandboxes.splice(0).map((sandbox) => sandbox.discard()))
  })
}

export function machine(): Sandbox {
  const sandbox = new Sandbox(join(RELEASE, ARCHITECTURE === 'arm64' ? 'k3s-arm64' : 'k3s'))
  sandboxes.push(sandbox)
  return sandbox
}

/** A single server that is ready, and its port. */
export async function startServer(
  config: object = {},
  prepare?: (server: Sandbox) => void,
): Promise<[Sandbox, number]> {
  const server = machine()
  const port = await freePort()
  server.configure({ ...SERVER_CONFIG, 'https-listen-port': port, ...config })
  prepare?.(server)
  server.start('server')
  await server.until('k3s is up and running')
  return [server, port]
}

export async function startAgent(port: number, config: object): Promise<Sandbox> {
  const agent = machine()
  agent.configure({
    server: `https://127.0.0.1:${port}`,
    'node-name': 'oven-1',
    'node-ip': '127.0.0.1',
    'lb-server-port': await freePort(),
    ...config,
  })
  agent.start('agent')
  return agent
}

export function placeAuthorities(server: Sandbox, authorities: Readonly<Record<string, Authority>>): void {
  for (const [name, authority] of Object.entries(authorities)) {
    server.write(`${SERVER}/tls/${name}.crt`, authority.pem)
    server.write(`${SERVER}/tls/${name}.key`, authority.keyPem)
  }
}

export interface NodeView {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: { readonly taints?: readonly object[] }
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[]
    readonly images: readonly { readonly names: readonly string[] }[]
  }
}

/** As the server shows it. */
export const nodeOf = (server: Sandbox, name: string): NodeView =>
  JSON.parse(server.run('kubectl', 'get', 'node', name, '-o', 'json')) as NodeView

export const hasCondition = ({ status }: NodeView, condition: string): boolean =>
  status.conditions.some(({ type, status: value }) => type === condition && value === 'True')
