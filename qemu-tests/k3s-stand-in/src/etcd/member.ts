/** This server's member of etcd: its files, its ports, and its way into the cluster. */

import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readIfPresent, writeFileAtomic } from '../files.ts'
import { log, messageOf } from '../log.ts'
import type { Document, Member, Operation } from '../server/document.ts'
import { emptyDocument } from '../server/document.ts'
import type { Store } from '../server/state.ts'
import type { Saved } from './consensus.ts'
import { Consensus } from './consensus.ts'
import type { PeerCall, PeerPath } from './messages.ts'
import {
  CLIENT_PORT,
  caller,
  clientFiles,
  clientPortFiles,
  listen,
  PEER_PORT,
  peerCalls,
  peerFiles,
  urlOf,
} from './peers.ts'

/** Election as k3s sets it; twice its heartbeat, which an emulated processor has to do beside all else. */
const TIMING = { heartbeatMs: 1000, electionMs: 5000, promotionMs: 5000, changeMs: 20_000 }
const RETRY_MS = 2000
const REPORT_MS = 5000

export interface EtcdOptions {
  /** `$D/server`. */
  readonly directory: string
  readonly node: string
  readonly address: string
  /** `host:port` of the API. */
  readonly api: string
}

export class EtcdMember implements Store {
  readonly #options: EtcdOptions
  readonly #self: Member
  readonly #path: string
  #saved: Saved | null
  #consensus: Consensus | null = null
  #peers: PeerCall | null = null
  /** Nodes that another member has heard of. */
  onBeat: (node: string) => void = () => undefined

  constructor(options: EtcdOptions) {
    const { directory, node, address, api } = options
    this.#options = options
    this.#path = join(directory, 'db', 'etcd', 'member', 'state.json')
    const text = readIfPresent(this.#path)
    this.#saved = text === null ? null : (JSON.parse(text) as Saved)
    this.#self = { name: memberName(directory, node), node, address, api, learner: false }
  }

  /** False on a server that has yet to start or to join its cluster. */
  static isInitialized(directory: string): boolean {
    return readIfPresent(join(directory, 'db', 'etcd', 'member', 'state.json')) !== null
  }

  get name(): string {
    return this.#self.name
  }

  get document(): Document {
    return this.#consensus?.document ?? this.#saved?.document ?? emptyDocument('')
  }

  get members(): readonly Member[] {
    return this.document.members
  }

  get hasLeader(): boolean {
    return this.#consensus?.hasLeader ?? false
  }

  change(operation: Operation): Promise<void> {
    if (this.#consensus === null) throw new Error('etcd is not started')
    return this.#consensus.change(operation)
  }

  /** Starts a cluster of one, or comes back into the one that it is a member of. */
  async start(tls: string): Promise<void> {
    this.#saved ??= {
      term: 0,
      votedFor: null,
      document: emptyDocument(randomBytes(8).toString('hex'), [this.#self]),
    }
    await this.#run(tls, this.#saved)
    await this.#ready()
  }

  /** Adds itself through one of the members and waits until it may vote. */
  async join(tls: string, members: readonly Member[]): Promise<void> {
    const waits = { term: 0, votedFor: null, document: emptyDocument('') }
    await this.#run(tls, waits)
    const call = caller(clientFiles(tls))
    log.info(`Adding member ${this.name}=${urlOf(this.#self.address, PEER_PORT)} to etcd cluster`)
    for (let done = false; !done; ) {
      for (const { address, learner } of members) {
        if (done || learner) continue
        try {
          await call(`${urlOf(address, CLIENT_PORT)}/members/add`, { member: this.#self })
          done = true
        } catch (error) {
          if (messageOf(error).startsWith('duplicate node name')) {
            rmSync(nameFile(this.#options.directory), { force: true })
            throw error
          }
          log.warn(`Failed to add member to etcd cluster: ${messageOf(error)}`)
        }
      }
      if (!done) await sleep(RETRY_MS)
    }
    await this.#ready()
  }

  /** Tells the other members that a node is alive; whoever does not listen learns it from the next one. */
  beat(node: string): void {
    for (const member of this.members) {
      if (member.name !== this.name) this.#peers?.(member, '/beat', { node }).catch(() => undefined)
    }
  }

  async #run(tls: string, saved: Saved): Promise<void> {
    const call = peerCalls(tls)
    const consensus = new Consensus({
      name: this.name,
      saved,
      save: (latest) => writeFileAtomic(this.#path, JSON.stringify(latest), 0o600),
      call,
      timing: TIMING,
      onRemoved: () =>
        log.fatal('This node has been removed from the cluster - please restart k3s to rejoin the cluster'),
    })
    this.#consensus = consensus
    this.#peers = call
    const { address } = this.#self
    await listen(address, PEER_PORT, peerFiles(tls), async (path, body) => {
      if (path === '/beat') this.onBeat((body as { node: string }).node)
      return consensus.answer(path as PeerPath, body)
    })
    await listen(address, CLIENT_PORT, clientPortFiles(tls), async (path, body) => {
      if (path !== '/members/add') throw new Error(`unknown call ${path}`)
      await consensus.change({ kind: 'add', member: (body as { member: Member }).member })
      return {}
    })
    consensus.start()
  }

  async #ready(): Promise<void> {
    for (let waited = 0; ; waited += RETRY_MS / 10) {
      if (this.hasLeader && (this.#consensus?.isVoter ?? false)) return
      if (waited % REPORT_MS === 0) {
        const reason = this.hasLeader
          ? 'this server has not yet been promoted from learner to voting member'
          : 'context deadline exceeded'
        log.info(`Failed to test etcd connection: ${reason}`)
      }
      await sleep(RETRY_MS / 10)
    }
  }
}

const nameFile = (directory: string): string => join(directory, 'db', 'etcd', 'name')

/** `<node up to the first dot>-<8 hex>`, made once. */
function memberName(directory: string, node: string): string {
  const path = nameFile(directory)
  const known = readIfPresent(path)?.trim() ?? ''
  if (known !== '') return known
  const name = `${node.split('.')[0] ?? node}-${randomBytes(4).toString('hex')}`
  writeFileAtomic(path, name, 0o600)
  return name
}
