/** The built executable with Debian's PostgreSQL, MariaDB and etcd as datastores, on the loopback network. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseKind, TestDatabase } from '../support/databases.ts'
import { startDatabase } from '../support/databases.ts'
import { makeAuthority, makeClient } from './testing/certificates.ts'
import { machine, SERVER, TOKENS, useMachines } from './testing/machines.ts'
import type { Sandbox } from './testing/sandbox.ts'
import { freePort } from './testing/sandbox.ts'

useMachines()

const FOLDER = '/var/lib/appliance/datastore'

interface Login {
  readonly user?: 'kine' | 'certified'
  readonly password?: string
  readonly ca?: string
  readonly client?: { readonly certificate: string; readonly key: string } | null
}

/** `number` is the end of the server's name and address; what is not given of the login is as it should be. */
async function startServer(
  database: TestDatabase,
  number: number,
  login: Login = {},
  more: object = {},
): Promise<Sandbox> {
  const { user = 'certified', password = database.password, ca = database.ca.pem } = login
  const client = login.client === undefined ? database.client : login.client
  const sandbox = machine()
  sandbox.write(`${FOLDER}/ca.crt`, ca)
  if (client !== null) {
    sandbox.write(`${FOLDER}/client.crt`, client.certificate)
    sandbox.write(`${FOLDER}/client.key`, client.key)
  }
  sandbox.configure({
    ...TOKENS,
    'node-name': `bakery-${number}`,
    'node-ip': `127.0.0.${10 + number}`,
    'https-listen-port': await freePort(),
    'datastore-endpoint': database.endpoint({ host: '127.0.0.1', port: database.port, user, password }),
    'datastore-cafile': sandbox.path(`${FOLDER}/ca.crt`),
    ...(client === null
      ? {}
      : {
          'datastore-certfile': sandbox.path(`${FOLDER}/client.crt`),
          'datastore-keyfile': sandbox.path(`${FOLDER}/client.key`),
        }),
    ...more,
  })
  sandbox.start('server')
  return sandbox
}

const caOf = (sandbox: Sandbox): string => readFileSync(sandbox.path(`${SERVER}/tls/server-ca.crt`), 'utf8')

const nodesOf = (sandbox: Sandbox): readonly string[] =>
  sandbox.run('kubectl', 'get', 'nodes', '-o', 'name').trim().split('\n').toSorted()

describe.each<[string, DatabaseKind]>([
  ['PostgreSQL', 'postgres'],
  ['MariaDB', 'mysql'],
  ['etcd', 'etcd'],
])('%s', (_name, kind) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await startDatabase(kind)
  })

  afterAll(async () => {
    await database?.stop()
  })

  /** k3s ends with this reason, and shows nothing of its login. */
  const expectEnd = async (server: Sandbox, reason: RegExp): Promise<void> => {
    expect(await server.end()).toBe(1)
    expect(server.output.trim().split('\n').at(-1)).toMatch(/level=fatal/)
    expect(server.output).toMatch(reason)
    expect(server.output).not.toContain('p@ss/w')
  }

  test('two servers that start together share one cluster: one CA, one list of nodes', async () => {
    const first = await startServer(database, 1)
    const second = await startServer(database, 2)
    await Promise.all([first, second].map((server) => server.until('k3s is up and running', 90)))
    expect(caOf(second)).toBe(caOf(first))
    for (const server of [first, second])
      await expect.poll(() => nodesOf(server)).toEqual(['node/bakery-1', 'node/bakery-2'])

    // A server of an empty disk takes its place.
    await second.stop()
    const successor = await startServer(database, 3)
    await successor.until('k3s is up and running', 90)
    expect(caOf(successor)).toBe(caOf(first))
    await expect.poll(() => nodesOf(first)).toContain('node/bakery-3')
  })

  test('the token of another cluster does not open it', async () => {
    const other = await startServer(database, 4, {}, { token: '11111111111111111111111111111111' })
    await expectEnd(other, /bootstrap data already found and encrypted with different token/)
  })

  test('the certificate of another authority is refused', async () => {
    const { pem } = await makeAuthority('another-ca')
    await expectEnd(
      await startServer(database, 4, { ca: pem }),
      /x509: certificate signed by unknown authority/,
    )
  })

  test('without a client certificate, or with one of another authority, it takes nobody', async () => {
    const without = {
      postgres: /FATAL: connection requires a valid client certificate \(SQLSTATE 28000\)/,
      mysql: /Error 1045 \(28000\): Access denied for user 'certified'/,
      etcd: /context deadline exceeded: remote error: tls: (bad certificate|certificate required)/,
    }
    await expectEnd(await startServer(database, 4, { client: null }), without[kind])
    const client = await makeClient(await makeAuthority('another-ca'), 'CN=certified')
    await expectEnd(
      await startServer(database, 4, { client }),
      /remote error: tls: (unknown certificate authority|bad certificate)|Access denied|valid client certificate/,
    )
  })

  // etcd knows no passwords from k3s.
  if (kind === 'etcd') return

  test('a wrong password is refused', async () => {
    const login = { user: 'kine', client: null, password: 'another' } as const
    const reason =
      kind === 'postgres'
        ? /FATAL: password authentication failed for user \\?"kine\\?" \(SQLSTATE 28P01\)/
        : /Error 1045 \(28000\): Access denied for user 'kine'/
    await expectEnd(await startServer(database, 4, login), reason)
    const right = await startServer(database, 4, { user: 'kine', client: null })
    await right.until('k3s is up and running', 90)
  })
})
