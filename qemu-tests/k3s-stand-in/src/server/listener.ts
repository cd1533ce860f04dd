/** The listener on 6443: one certificate for all names, client certificates welcome but not demanded. */

import { createHash, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { readIfPresent, writeFileAtomic } from '../files.ts'
import { messageOf } from '../log.ts'
import { authenticateClient } from './auth.ts'
import type { ServerContext } from './context.ts'
import { HttpFault, sendFault } from './http.ts'
import { answerKube } from './kube-api.ts'
import type { Pki } from './pki.ts'
import { answerSupervisor } from './supervisor-api.ts'

export function startListener(
  context: ServerContext,
  names: readonly string[],
  bindAddress: string,
): Promise<Server> {
  const server = createServer({
    ...listenerCertificate(context.pki, names),
    ca: readFileSync(join(context.pki.tls, 'client-ca.crt')),
    // Every certificate of the bundle is trusted by itself, as in a pool of Go's.
    allowPartialTrustChain: true,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  })
  server.on('request', (request, response) => {
    const path = new URL(request.url ?? '/', 'https://server').pathname
    let supervisor = true
    const answer = async (): Promise<void> => {
      if (await answerSupervisor(context, path, request, response)) return
      supervisor = false
      await answerKube(context, path, request, response)
    }
    answer().catch((error: unknown) => {
      const fault = error instanceof HttpFault ? error : new HttpFault(500, messageOf(error))
      sendFault(request, response, fault, supervisor)
    })
  })
  server.on('upgrade', (request, socket) => acceptTunnel(context, request, socket))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(context.port, bindAddress === '' ? '::' : bindAddress, () => resolve(server))
  })
}

/** Agents keep a tunnel open. Nothing travels through it here; that it is open says that the agent is there. */
function acceptTunnel(context: ServerContext, request: IncomingMessage, socket: Duplex): void {
  const user = authenticateClient(request, context.state)
  const allowed = request.url === '/v1-k3s/connect' && (user?.groups.includes('system:nodes') ?? false)
  if (!allowed) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    return
  }
  const accept = createHash('sha1')
    .update(`${String(request.headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  ;(socket as TLSSocket).setKeepAlive(true, 15_000)
  socket.on('error', () => socket.destroy())
  socket.on('data', () => undefined)
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
}

interface CachedCertificate {
  readonly data: { readonly 'tls.crt': string; readonly 'tls.key': string }
}

/** Kept in `tls/dynamic-cert.json` and used again while it fits. */
function listenerCertificate(pki: Pki, names: readonly string[]): { cert: string; key: string } {
  const path = join(pki.tls, 'dynamic-cert.json')
  const text = readIfPresent(path)
  if (text !== null) {
    const { data } = JSON.parse(text) as CachedCertificate
    const cert = Buffer.from(data['tls.crt'], 'base64').toString()
    if (pki.fits(cert, 'server-ca', names))
      return { cert, key: Buffer.from(data['tls.key'], 'base64').toString() }
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const subject = { commonName: 'k3s', organizations: ['k3s'] }
  const cert = pki.issue('server-ca', { subject, usages: ['server'], names }, publicKey)
  const key = privateKey.export({ format: 'pem', type: 'sec1' }).toString()
  const base64 = (value: string): string => Buffer.from(value).toString('base64')
  const secret = {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name: 'k3s-serving', namespace: 'kube-system' },
    data: { 'tls.crt': base64(cert), 'tls.key': base64(key) },
    type: 'kubernetes.io/tls',
  }
  writeFileAtomic(path, JSON.stringify(secret), 0o600)
  return { cert, key }
}
