/** The agent's own way to the servers: a listener on the loopback address that passes connections on. */

import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../files.ts'
import { log } from '../log.ts'

const CONNECT_MS = 5000

interface Saved {
  readonly ServerURL: string
  readonly ServerAddresses: readonly string[]
}

export class LoadBalancer {
  readonly #path: string
  readonly #default: string
  #addresses: readonly string[]

  constructor(dataDirectory: string, serverUrl: string) {
    const { hostname, port } = new URL(serverUrl)
    this.#path = join(dataDirectory, 'agent', 'etc', 'k3s-agent-load-balancer.json')
    this.#default = `${hostname}:${port === '' ? '443' : port}`
    const text = readIfPresent(this.#path)
    const saved = text === null ? null : (JSON.parse(text) as Saved)
    // The list of another server belongs to another cluster.
    this.#addresses = saved?.ServerURL === `https://${this.#default}` ? saved.ServerAddresses : []
    this.#save()
  }

  start(port: number): Promise<void> {
    const server = createServer((incoming) => this.#forward(incoming, [this.#default, ...this.#addresses]))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        log.info(
          `Running load balancer k3s-agent-load-balancer 127.0.0.1:${port} -> [${this.#addresses.join(' ')}] [default: ${this.#default}]`,
        )
        resolve()
      })
    })
  }

  update(addresses: readonly string[]): void {
    if (addresses.join() === this.#addresses.join()) return
    this.#addresses = addresses
    log.info(
      `Updated load balancer k3s-agent-load-balancer server addresses -> [${addresses.join(' ')}] [default: ${this.#default}]`,
    )
    this.#save()
  }

  /** Tries one address after the other. */
  #forward(incoming: ReturnType<typeof connect>, [address, ...others]: readonly string[]): void {
    if (address === undefined) {
      incoming.destroy()
      return
    }
    const colon = address.lastIndexOf(':')
    const host = address.slice(0, colon).replace(/^\[|\]$/g, '')
    const outgoing = connect(Number(address.slice(colon + 1)), host)
    let connected = false
    // A machine that is off refuses nothing.
    outgoing.setTimeout(CONNECT_MS, () => {
      if (!connected) outgoing.destroy(new Error('i/o timeout'))
    })
    outgoing.on('connect', () => {
      connected = true
      incoming.pipe(outgoing).pipe(incoming)
    })
    outgoing.on('error', () => {
      if (connected) incoming.destroy()
      else this.#forward(incoming, others)
    })
    incoming.on('error', () => outgoing.destroy())
  }

  #save(): void {
    const saved: Saved = { ServerURL: `https://${this.#default}`, ServerAddresses: this.#addresses }
    writeFileAtomic(this.#path, JSON.stringify(saved, null, 2), 0o600)
  }
}
