/** Keeps one connection to the server open, as k3s's reverse tunnel does, and opens it again when it breaks. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { log } from '../log.ts'

const RETRY_MS = 5000

export function keepTunnel(dataDirectory: string, url: string): void {
  const agent = join(dataDirectory, 'agent')
  const address = `wss://${new URL(url).host}/v1-k3s/connect`
  const retry = (message: string): void => {
    log.error(`Remotedialer proxy error; reconnecting... url=${address} error=${message}`)
    setTimeout(open, RETRY_MS)
  }
  const open = (): void => {
    const outgoing = request(`${url}/v1-k3s/connect`, {
      agent: false,
      ca: readFileSync(join(agent, 'server-ca.crt')),
      cert: readFileSync(join(agent, 'client-kubelet.crt')),
      key: readFileSync(join(agent, 'client-kubelet.key')),
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
    })
    outgoing.once('upgrade', (_response, socket) => {
      log.info(`Remotedialer connected to proxy url=${address}`)
      socket.on('data', () => undefined)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => retry('websocket: close 1006 (abnormal closure): unexpected EOF'))
    })
    outgoing.once('response', (response) => {
      response.resume()
      retry(`websocket: bad handshake (${response.statusCode})`)
    })
    outgoing.once('error', (error) => retry(error.message))
    outgoing.end()
  }
  open()
}
