/** The cluster's objects in a database that all servers share, and the bootstrap data of the one that came first. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '../cli/settings.ts'
import { log, messageOf } from '../log.ts'
import type { BootstrapData, Document, KubeObject, Operation } from '../server/document.ts'
import { emptyDocument } from '../server/document.ts'
import type { Store } from '../server/state.ts'
import type { Database } from './database.ts'
import { openDatabase } from './database.ts'
import { bootstrapKey, decrypt, encrypt } from './encryption.ts'

const OBJECTS = '/registry/'
const HEARD = '/stand-in/heard/'
const REFRESH_MS = 1000
/** k3s pkg/cluster/storage.go: how often, and how many times, a server waits for the one that holds the lock. */
const WAIT_MS = 5000
const ATTEMPTS = 5
/** Without an answer for so long k3s loses its leader and ends. */
const PATIENCE_MS = 15_000

export class ExternalStore implements Store {
  readonly #database: Database
  readonly #password: string
  #document: Document = emptyDocument('')
  #heard: ReadonlyMap<string, string> = new Map()
  /** Nodes that another server has heard of. */
  onBeat: (node: string) => void = () => undefined

  private constructor(database: Database, password: string) {
    this.#database = database
    this.#password = password
  }

  /** Returns when the bootstrap data is there, or when this server is the one to make it. */
  static async open(settings: Settings, password: string): Promise<ExternalStore> {
    const store = new ExternalStore(await openDatabase(settings), password)
    await store.#bootstrap()
    await store.#refresh()
    void store.#keepFresh()
    return store
  }

  get document(): Document {
    return this.#document
  }

  async change(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'put':
        await this.#database.put(`${OBJECTS}${operation.key}`, JSON.stringify(operation.value))
        break
      case 'delete':
        await this.#database.delete(`${OBJECTS}${operation.key}`)
        break
      case 'bootstrap': {
        const sealed = encrypt(this.#password, JSON.stringify(operation.data))
        await this.#database.put(bootstrapKey(this.#password), sealed)
        this.#document = { ...this.#document, bootstrap: operation.data }
        return
      }
      default:
        throw new Error(`an external datastore has no ${operation.kind}`)
    }
    await this.#refresh()
  }

  /** Tells the other servers that a node is alive. */
  beat(node: string): void {
    this.#database
      .put(`${HEARD}${node}`, String(Date.now()))
      .catch((error: unknown) => log.error(`Failed to update lease: ${messageOf(error)}`))
  }

  async #bootstrap(): Promise<void> {
    const key = bootstrapKey(this.#password)
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#database.list('/bootstrap/')
      const sealed = found.get(key)
      if (found.size > 0 && sealed === undefined)
        throw new Error('bootstrap data already found and encrypted with different token')
      if (sealed === undefined) {
        if (await this.#database.create(key, '')) {
          log.info('Bootstrap key locked for initial create')
          return
        }
        log.info('Bootstrap key already locked - waiting for data to be populated by another server')
      } else if (sealed !== '') {
        const data = JSON.parse(decrypt(this.#password, sealed)) as BootstrapData
        this.#document = { ...this.#document, bootstrap: data }
        return
      } else if (attempt >= ATTEMPTS) {
        log.info('Bootstrap key lock timed out - deleting lock and retrying')
        attempt = 0
        await this.#database.delete(key)
        continue
      } else log.info('Bootstrap key is locked - waiting for data to be populated by another server')
      await sleep(WAIT_MS)
    }
  }

  async #refresh(): Promise<void> {
    const rows = await this.#database.list(OBJECTS)
    const objects = Object.fromEntries(
      [...rows].map(([key, text]) => [key.slice(OBJECTS.length), JSON.parse(text) as KubeObject]),
    )
    this.#document = { ...this.#document, objects, revision: this.#document.revision + 1 }
    const heard = await this.#database.list(HEARD)
    for (const [key, time] of heard) if (this.#heard.get(key) !== time) this.onBeat(key.slice(HEARD.length))
    this.#heard = heard
  }

  async #keepFresh(): Promise<void> {
    for (let freshAt = Date.now(); ; ) {
      await sleep(REFRESH_MS)
      try {
        await this.#refresh()
        freshAt = Date.now()
      } catch (error) {
        log.error(`Failed to list from the datastore: ${messageOf(error)}`)
        if (Date.now() - freshAt > PATIENCE_MS) log.fatal(`leaderelection lost: ${messageOf(error)}`)
      }
    }
  }
}
