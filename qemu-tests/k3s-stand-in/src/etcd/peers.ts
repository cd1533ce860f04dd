/**
 * The ports of etcd: 2380 for members among themselves, 2379 for whoever holds a client's certificate. Both demand a
 * certificate of the CA of their own.
 */

import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { Agent, createServer, request } from 'node:https'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { messageOf } from '../log.ts'
import { readBody } from '../server/http.ts'
import type { PeerCall } from './messages.ts'
import { Unreachable } from './messages.ts'

export const PEER_PORT = 2380
export const CLIENT_PORT = 2379
const TIMEOUT_MS = 10_000

interface Files {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

const filesBelow = (tls: string, ca: string, leaf: string): Files => ({
  ca: join(tls, 'etcd', `${ca}.crt`),
  certificate: join(tls, 'etcd', `${leaf}.crt`),
  key: join(tls, 'etcd', `${leaf}.key`),
})

export const peerFiles = (tls: string): Files => filesBelow(tls, 'peer-ca', 'peer-server-client')
export const clientPortFiles = (tls: string): Files => filesBelow(tls, 'server-ca', 'server-client')
export const clientFiles = (tls: string): Files => filesBelow(tls, 'server-ca', 'client')

const hostOf = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address)
export const urlOf = (address: string, port: number): string => `https://${hostOf(address)}:${port}`

const credentials = ({ ca, certificate, key }: Files) => ({
  ca: readFileSync(ca),
  cert: readFileSync(certificate),
  key: readFileSync(key),
  // Every certificate of the bundle is trusted by itself, as in a pool of Go's.
  allowPartialTrustChain: true,
})

/** Answers on an address of the node; what `answer` throws is the complaint of a 400. */
export function listen(
  address: string,
  port: number,
  files: Files,
  answer: (path: string, body: unknown) => Promise<unknown>,
): Promise<Server> {
  const server = createServer({
    ...credentials(files),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  })
  server.on('request', (incoming, response) => {
    const reply = async (): Promise<unknown> => {
      const text = (await readBody(incoming)).toString()
      return answer(incoming.url ?? '/', text === '' ? {} : JSON.parse(text))
    }
    const end = (status: number, value: unknown): void => {
      const body = JSON.stringify(value)
      response.writeHead(status, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      })
      response.end(body)
    }
    reply().then(
      (value) => end(200, value),
      (error: unknown) => end(400, { message: messageOf(error) }),
    )
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => resolve(server))
  })
}

/** One connection to each member is kept: a handshake costs an emulated processor a good part of a second. */
export function caller(files: Files): (url: string, body: object) => Promise<unknown> {
  const agent = new Agent({ keepAlive: true, ...credentials(files) })
  return (url, body) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body)
      const gone = (error: Error): void => reject(new Unreachable(error.message, { cause: error }))
      const outgoing = request(
        url,
        {
          method: 'POST',
          agent,
          timeout: TIMEOUT_MS,
          headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
        },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', gone)
          incoming.on('end', () => {
            const value = JSON.parse(Buffer.concat(chunks).toString()) as { readonly message?: string }
            if (incoming.statusCode === 200) resolve(value)
            else reject(new Error(value.message ?? `${url}: ${incoming.statusCode}`))
          })
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('context deadline exceeded')))
      outgoing.on('error', gone)
      outgoing.end(text)
    })
}

export function peerCalls(tls: string): PeerCall {
  const call = caller(peerFiles(tls))
  return ({ address }, path, body) => call(`${urlOf(address, PEER_PORT)}${path}`, body)
}
