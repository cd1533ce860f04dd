/** Debian's PostgreSQL, MariaDB and etcd on loopback, each started in a folder of its own and ended by its process. */

import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Authority } from '../k3s-stand-in/testing/certificates.ts'
import { makeAuthority, makeClient, makeServer } from '../k3s-stand-in/testing/certificates.ts'
import { freePort } from '../k3s-stand-in/testing/sandbox.ts'

export type DatabaseKind = 'postgres' | 'mysql' | 'etcd'

export interface TestDatabase {
  readonly kind: DatabaseKind
  /** On 127.0.0.1. */
  readonly port: number
  /** `kine` logs in by password; `certified` by a certificate of `ca` as well. etcd takes certificates alone. */
  readonly endpoint: (login: {
    readonly host: string
    readonly port: number
    readonly user: 'kine' | 'certified'
    readonly password: string
  }) => string
  readonly password: string
  readonly ca: Authority
  readonly client: { readonly certificate: string; readonly key: string }
  readonly stop: () => Promise<void>
}

const password = 'p@ss/w:rd%41'
const startSeconds = 120
/** Servers of databases refuse to run as root. */
const nobody = 65_534

const whoRuns = (): Pick<SpawnOptions, 'uid' | 'gid'> =>
  process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

/** A folder for the user that the server runs as. */
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'appliance-database-'))
  own(folder)
  return folder
}

const own = (path: string): void => {
  const { uid, gid } = whoRuns()
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
}

const save = (folder: string, name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  own(path)
  return path
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

interface Started {
  readonly process: ChildProcess
  readonly output: () => string
}

const startProgram = (folder: string, [program = '', ...commandLine]: readonly string[]): Started => {
  let output = ''
  const child = spawn(program, commandLine, {
    ...whoRuns(),
    cwd: folder,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  return { process: child, output: () => output }
}

const untilListening = async (port: number, { process: child, output }: Started): Promise<void> => {
  for (const end = Date.now() + startSeconds * 1000; Date.now() < end; await sleep(100)) {
    if (await isListening(port)) return
    if (child.exitCode !== null) break
  }
  throw new Error(`the database does not listen:\n${output()}`)
}

const run = (folder: string, [program = '', ...commandLine]: readonly string[], input = ''): void => {
  execFileSync(program, commandLine, {
    ...whoRuns(),
    cwd: folder,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    stdio: 'pipe',
    input,
  })
}

interface Files {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

type Start = (folder: string, port: number, files: Files) => Promise<Started>

/** Where Debian puts the programs of the one version that it has. */
const postgresPrograms = (): string => {
  const [version] = readdirSync('/usr/lib/postgresql').toSorted().toReversed()
  return `/usr/lib/postgresql/${version}/bin`
}

const startPostgres: Start = async (folder, port, { ca, certificate, key }) => {
  const [programs, data] = [postgresPrograms(), join(folder, 'data')]
  run(folder, [`${programs}/initdb`, '-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'])
  save(
    data,
    'pg_hba.conf',
    [
      'local all postgres trust',
      'hostssl all kine all scram-sha-256',
      'hostssl all certified all scram-sha-256 clientcert=verify-ca',
      '',
    ].join('\n'),
  )
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'ssl=on',
    `ssl_ca_file=${ca}`,
    `ssl_cert_file=${certificate}`,
    `ssl_key_file=${key}`,
  ]
  const started = startProgram(folder, [
    `${programs}/postgres`,
    '-D',
    data,
    ...settings.flatMap((text) => ['-c', text]),
  ])
  await untilListening(port, started)
  const statements = ['kine', 'certified'].flatMap((user) => [
    `CREATE USER ${user} PASSWORD '${password}'`,
    `CREATE DATABASE ${user} OWNER ${user}`,
  ])
  const admin = [`${programs}/psql`, '-q', '-h', folder, '-p', String(port), '-U', 'postgres']
  // It listens a moment before it answers.
  for (let attempt = 0; ; attempt += 1) {
    try {
      run(folder, [...admin, '-c', 'SELECT 1'])
      break
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(200)
    }
  }
  run(folder, [...admin, ...statements.flatMap((statement) => ['-c', statement])])
  return started
}

const startMariadb: Start = async (folder, port, { ca, certificate, key }) => {
  const data = join(folder, 'data')
  mkdirSync(data)
  own(data)
  // What mariadb-install-db does, which wants programs of the client.
  const tables = ['mysql_system_tables', 'mysql_performance_tables', 'mysql_system_tables_data'].map((name) =>
    readFileSync(`/usr/share/mysql/${name}.sql`, 'utf8'),
  )
  run(
    folder,
    ['mariadbd', '--no-defaults', '--bootstrap', `--datadir=${data}`, '--enforce-storage-engine='],
    ['CREATE DATABASE mysql;', 'USE mysql;', 'SET @auth_root_socket=NULL;', ...tables].join('\n'),
  )
  const users = [
    ['kine', 'REQUIRE SSL'],
    ['certified', 'REQUIRE X509'],
  ].flatMap(([user, needs]) => [
    `CREATE DATABASE ${user};`,
    `CREATE USER ${user}@'%' IDENTIFIED BY '${password}' ${needs};`,
    `GRANT ALL ON ${user}.* TO ${user}@'%';`,
  ])
  const initial = save(folder, 'users.sql', `${users.join('\n')}\n`)
  const started = startProgram(folder, [
    'mariadbd',
    '--no-defaults',
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${folder}/socket`,
    `--pid-file=${folder}/pid`,
    '--skip-name-resolve',
    `--ssl-ca=${ca}`,
    `--ssl-cert=${certificate}`,
    `--ssl-key=${key}`,
    `--init-file=${initial}`,
  ])
  await untilListening(port, started)
  return started
}

const startEtcd: Start = async (folder, port, { ca, certificate, key }) => {
  const peers = `http://127.0.0.1:${await freePort()}`
  const clients = `https://127.0.0.1:${port}`
  const started = startProgram(folder, [
    'etcd',
    ...['--data-dir', join(folder, 'data'), '--unsafe-no-fsync'],
    ...['--listen-client-urls', clients, '--advertise-client-urls', clients],
    ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers],
    ...['--initial-cluster', `default=${peers}`],
    ...['--trusted-ca-file', ca, '--cert-file', certificate, '--key-file', key, '--client-cert-auth'],
  ])
  await untilListening(port, started)
  return started
}

const kinds = {
  postgres: {
    start: startPostgres,
    endpoint: ({ host, port, user, password: text }) =>
      `postgres://${user}:${encodeURIComponent(text)}@${host}:${port}/${user}`,
  },
  mysql: {
    start: startMariadb,
    endpoint: ({ host, port, user, password: text }) =>
      `mysql://${user}:${text}@tcp(${host}:${port})/${user}`,
  },
  etcd: { start: startEtcd, endpoint: ({ host, port }) => `https://${host}:${port}` },
} as const satisfies Record<
  DatabaseKind,
  { readonly start: Start; readonly endpoint: TestDatabase['endpoint'] }
>

/** `addresses`: what its certificate is for besides 127.0.0.1. */
export const startDatabase = async (
  kind: DatabaseKind,
  addresses: readonly string[] = [],
): Promise<TestDatabase> => {
  const folder = makeFolder()
  const ca = await makeAuthority('database-ca')
  const server = await makeServer(ca, ['localhost', '127.0.0.1', ...addresses])
  const port = await freePort()
  const { start, endpoint } = kinds[kind]
  const discard = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const { process: child } = await start(folder, port, {
      ca: save(folder, 'ca.crt', ca.pem),
      certificate: save(folder, 'server.crt', server.certificate),
      key: save(folder, 'server.key', server.key),
    })
    chmodSync(folder, 0o700)
    const ended = new Promise((resolve) => child.once('close', resolve))
    return {
      kind,
      port,
      endpoint,
      password,
      ca,
      client: await makeClient(ca, 'CN=certified'),
      stop: async () => {
        // Nothing of it is kept: PostgreSQL ends at once by SIGQUIT, and does not wait for connections.
        if (child.exitCode === null) child.kill(kind === 'postgres' ? 'SIGQUIT' : 'SIGKILL')
        await ended
        discard()
      },
    }
  } catch (error) {
    discard()
    throw error
  }
}
