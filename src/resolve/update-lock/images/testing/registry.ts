import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import type { Host } from '../../../../host/host.ts'
import type { TinyImage } from './tiny-images.ts'
import { writeLayout } from './tiny-images.ts'

export const login = { username: 'builder', password: 'pull-me-8c1f' } as const

/** bcrypt of that password, as `htpasswd -B` writes it. */
const htpasswd = `${login.username}:$2y$05$DnnhNYoCrl5bOo09RBC/MehEwr/FEcj81/aX9V9d.sRwlQKdm1n0a\n`

const freePort = async (): Promise<number> => {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A CA and a certificate for localhost: `ca.pem`, `server.pem`, `server.key`. */
const makeCertificates = async (host: Host, folder: string): Promise<void> => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  await host.exec(
    [
      'openssl',
      'req',
      '-x509',
      ...key,
      '-subj',
      '/CN=test CA',
      '-days',
      '2',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    ],
    { cwd: folder },
  )
  await host.files.writeAtomic(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  await host.exec(
    ['openssl', 'req', ...key, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr'],
    { cwd: folder },
  )
  await host.exec(
    [
      'openssl',
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'names',
      '-out',
      'server.pem',
    ],
    { cwd: folder },
  )
}

/** What stands between: answers by itself (true), or lets the request through. */
export type Intercept = (asked: IncomingMessage, answer: ServerResponse) => boolean
/** Changes the body of what the registry sends, or cuts it (null). */
export type Alter = (asked: IncomingMessage, body: Buffer) => Buffer | null

export interface TestRegistry {
  /** `localhost:PORT` of the registry itself, and of a way to it that can be disturbed. */
  readonly direct: string
  readonly through: string
  readonly ca: string
  /** Paths asked for through the disturbed way. */
  readonly asked: string[]
  disturb: (how: { readonly intercept?: Intercept; readonly alter?: Alter }) => void
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Debian's docker-registry on loopback with TLS and basic authentication, and a proxy in front of it. */
export const startRegistry = async (host: Host, folder: string): Promise<TestRegistry> => {
  await makeCertificates(host, folder)
  const port = await freePort()
  await host.files.writeAtomic(join(folder, 'htpasswd'), htpasswd)
  await host.files.writeAtomic(
    join(folder, 'registry.yml'),
    JSON.stringify({
      version: '0.1',
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(folder, 'registry') } },
      http: {
        addr: `127.0.0.1:${port}`,
        tls: { certificate: join(folder, 'server.pem'), key: join(folder, 'server.key') },
      },
      auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } },
    }),
  )
  const tls = {
    ca: await readFile(join(folder, 'ca.pem')),
    cert: await readFile(join(folder, 'server.pem')),
    key: await readFile(join(folder, 'server.key')),
  }
  let child: ChildProcess | undefined
  const isUp = (): Promise<boolean> =>
    new Promise((resolve) => {
      request({ host: '127.0.0.1', port, path: '/v2/', ca: tls.ca }, (answer) =>
        resolve(answer.statusCode === 401),
      )
        .on('error', () => resolve(false))
        .end()
    })
  const start = async (): Promise<void> => {
    child = spawn('docker-registry', ['serve', join(folder, 'registry.yml')], { stdio: 'ignore' })
    for (let tries = 0; tries < 200 && !(await isUp()); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  const asked: string[] = []
  let intercept: Intercept = () => false
  let alter: Alter | undefined
  const proxy = createServer(tls, (incoming, answer) => {
    asked.push(incoming.url ?? '')
    if (intercept(incoming, answer)) return
    const { url = '', method = 'GET', headers } = incoming
    const onward = request({ host: '127.0.0.1', port, path: url, method, headers, ca: tls.ca }, (got) => {
      const chunks: Buffer[] = []
      got.on('data', (chunk: Buffer) => chunks.push(chunk))
      got.on('end', () => {
        const body = Buffer.concat(chunks)
        const altered = alter === undefined ? body : alter(incoming, body)
        answer.writeHead(got.statusCode ?? 500, got.headers)
        if (altered === null) answer.write(body.subarray(0, body.length / 2), () => answer.destroy())
        else answer.end(altered)
      })
    })
    onward.on('error', () => answer.destroy())
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  await start()
  return {
    direct: `localhost:${port}`,
    through: `localhost:${(proxy.address() as AddressInfo).port}`,
    ca: join(folder, 'ca.pem'),
    asked,
    disturb: (how) => {
      intercept = how.intercept ?? (() => false)
      alter = how.alter
      asked.length = 0
    },
    stop,
    start,
    close: async () => {
      await stop()
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}

/** Puts images under one name into the registry, several as an index. `work`: a folder that does not exist yet. */
export const pushImages = async (
  host: Host,
  registry: TestRegistry,
  work: string,
  name: string,
  images: readonly TinyImage[],
): Promise<void> => {
  const [layout, auth, trusted] = ['layout', 'auth.json', 'trusted'].map((file) => join(work, file)) as [
    string,
    string,
    string,
  ]
  await host.files.makeDirectory(trusted)
  await host.files.copy(registry.ca, join(trusted, 'ca.crt'))
  await writeLayout(host, layout, [{ annotations: { 'org.opencontainers.image.ref.name': 'it' }, images }])
  const pair = Buffer.from(`${login.username}:${login.password}`).toString('base64')
  await host.files.writeAtomic(auth, JSON.stringify({ auths: { [registry.direct]: { auth: pair } } }))
  await host.exec([
    ...['skopeo', '--insecure-policy', 'copy', '--all', '--quiet', '--dest-authfile', auth],
    ...['--dest-cert-dir', trusted, `oci:${layout}:it`, `docker://${registry.direct}/${name}`],
  ])
}
