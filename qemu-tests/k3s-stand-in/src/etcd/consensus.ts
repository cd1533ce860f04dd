/**
 * Raft over one document instead of a log: every change makes a new document, which is written when a majority of the
 * voting members holds it. Small clusters, small documents; elections, learners and the loss of members are as in etcd.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Document, Member, Operation } from '../server/document.ts'
import { applyOperation } from '../server/document.ts'
import type {
  AppendReply,
  AppendRequest,
  ChangeReply,
  ChangeRequest,
  PeerCall,
  PeerPath,
  Position,
  VoteReply,
  VoteRequest,
} from './messages.ts'
import { isAt, isBehind, positionOf, Unreachable } from './messages.ts'

export interface Timing {
  readonly heartbeatMs: number
  /** A follower waits between once and twice as long for its leader. */
  readonly electionMs: number
  /** How often the leader looks for learners that have caught up. */
  readonly promotionMs: number
  /** How long a change may take. */
  readonly changeMs: number
}

/** What a member must not forget. */
export interface Saved {
  readonly term: number
  readonly votedFor: string | null
  readonly document: Document
}

export interface ConsensusOptions {
  readonly name: string
  readonly saved: Saved
  readonly save: (saved: Saved) => void
  readonly call: PeerCall
  readonly timing: Timing
  /** The cluster has taken this member out. */
  readonly onRemoved: () => void
}

const NO_LEADER = 'etcdserver: no leader'
const TIMEOUT = 'etcdserver: request timed out'

export class Consensus {
  readonly #options: ConsensusOptions
  #term: number
  #votedFor: string | null
  /** The newest, perhaps not yet written by a majority. */
  #latest: Document
  #written: Document
  #role: 'follower' | 'candidate' | 'leader' = 'follower'
  #leader: string | null = null
  #heardAt = performance.now()
  #patience = 0
  readonly #followers = new Map<string, { readonly last: Position; readonly at: number }>()
  readonly #busy = new Set<string>()
  readonly #waiting = new Set<() => void>()
  #queue: Promise<unknown> = Promise.resolve()
  #timers: NodeJS.Timeout[] = []

  constructor(options: ConsensusOptions) {
    this.#options = options
    this.#term = options.saved.term
    this.#votedFor = options.saved.votedFor
    this.#latest = options.saved.document
    this.#written = options.saved.document
  }

  get document(): Document {
    return this.#written
  }

  /** Whether this member may answer for the cluster: a majority has been heard of, by it or by its leader. */
  get hasLeader(): boolean {
    if (this.#role === 'leader') return this.#hearsMajority() && this.#written.term === this.#term
    return this.#leader !== null && performance.now() - this.#heardAt < 2 * this.#options.timing.electionMs
  }

  get isVoter(): boolean {
    return this.#latest.members.some(({ name, learner }) => name === this.#options.name && !learner)
  }

  start(): void {
    const { heartbeatMs, promotionMs } = this.#options.timing
    this.#heardAt = performance.now()
    this.#patience = this.#draw()
    if (this.#voters().length === 1 && this.isVoter) this.#campaign()
    this.#timers = [
      setInterval(() => this.#tick(), heartbeatMs),
      setInterval(() => this.#promote(), promotionMs),
    ]
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  /** Resolves when the change is written and this member shows it. */
  async change(operation: Operation): Promise<void> {
    const { changeMs, heartbeatMs } = this.#options.timing
    for (const end = performance.now() + changeMs; ; await sleep(heartbeatMs)) {
      const leader = await this.#findLeader()
      try {
        const revision = await this.#ask(leader, operation)
        await this.#until(() => this.#written.revision >= revision)
        return
      } catch (error) {
        // A leader that is gone is another one soon; every change may be made twice.
        if (!(error instanceof Unreachable)) throw error
        if (performance.now() > end) throw new Error(TIMEOUT)
      }
    }
  }

  async #ask(leader: string, operation: Operation): Promise<number> {
    if (leader === this.#options.name) return this.#propose(operation)
    const member = this.#latest.members.find(({ name }) => name === leader)
    if (member === undefined) throw new Unreachable(leader)
    const request: ChangeRequest = { operation }
    return ((await this.#options.call(member, '/raft/change', request)) as ChangeReply).revision
  }

  async answer(path: PeerPath, body: unknown): Promise<unknown> {
    switch (path) {
      case '/raft/vote':
        return this.#vote(this.#mine(body as VoteRequest))
      case '/raft/append':
        return this.#append(this.#mine(body as AppendRequest))
      case '/raft/change': {
        if (this.#role !== 'leader') throw new Error(NO_LEADER)
        const reply: ChangeReply = { revision: await this.#propose((body as ChangeRequest).operation) }
        return reply
      }
      case '/beat':
        return {}
    }
  }

  #mine<T extends { readonly to: string }>(request: T): T {
    if (request.to === this.#options.name) return request
    throw new Error('rafthttp: request received by a wrong member')
  }

  async #findLeader(): Promise<string> {
    await this.#until(() => this.#leader !== null, NO_LEADER)
    return this.#leader ?? ''
  }

  /** One change after the other; each from what the one before has made. */
  #propose(operation: Operation): Promise<number> {
    const done = this.#queue.then(async () => {
      if (this.#role !== 'leader') throw new Error(NO_LEADER)
      const term = this.#term
      const next = { ...applyOperation(this.#latest, operation), term }
      this.#latest = next
      this.#save()
      this.#advance()
      this.#replicate()
      await this.#until(() => this.#term !== term || this.#written.revision >= next.revision)
      if (this.#term !== term) throw new Error('etcdserver: leader changed')
      return next.revision
    })
    this.#queue = done.catch(() => undefined)
    return done
  }

  #tick(): void {
    if (this.#role === 'leader') {
      this.#replicate()
      return
    }
    if (this.isVoter && performance.now() - this.#heardAt > this.#patience) this.#campaign()
  }

  #campaign(): void {
    this.#role = 'candidate'
    this.#leader = null
    this.#term += 1
    this.#votedFor = this.#options.name
    this.#heardAt = performance.now()
    this.#patience = this.#draw()
    this.#save()
    const term = this.#term
    let votes = 1
    const count = (): void => {
      if (this.#role !== 'candidate' || this.#term !== term) return
      if (votes > this.#voters().length / 2) this.#lead()
    }
    count()
    for (const member of this.#others(this.#voters())) {
      const request: VoteRequest = {
        to: member.name,
        term,
        candidate: this.#options.name,
        last: positionOf(this.#latest),
      }
      this.#options.call(member, '/raft/vote', request).then(
        (reply) => {
          const { granted, removed = false, term: theirs } = reply as VoteReply
          if (removed) this.#options.onRemoved()
          if (theirs > this.#term) this.#follow(theirs, null)
          if (granted) votes += 1
          count()
        },
        () => undefined,
      )
    }
  }

  #lead(): void {
    this.#role = 'leader'
    this.#leader = this.#options.name
    this.#followers.clear()
    this.#wake()
    // Only a change of its own term tells a new leader that a majority has all that came before.
    this.#propose({ kind: 'nothing' }).catch(() => undefined)
  }

  #follow(term: number, leader: string | null): void {
    if (term > this.#term) {
      this.#term = term
      this.#votedFor = null
      this.#save()
    }
    this.#role = 'follower'
    this.#leader = leader
    this.#wake()
  }

  #vote({ term, candidate, last }: VoteRequest): VoteReply {
    // Whoever hears its leader lets nobody disturb it.
    if (this.hasLeader) {
      const removed = this.#role === 'leader' && !this.#latest.members.some(({ name }) => name === candidate)
      return { term: Math.min(this.#term, term), granted: false, removed }
    }
    if (term > this.#term) this.#follow(term, null)
    const isFree = this.#votedFor === null || this.#votedFor === candidate
    const granted = term === this.#term && isFree && !isBehind(last, positionOf(this.#latest))
    if (granted) {
      this.#votedFor = candidate
      this.#heardAt = performance.now()
      this.#save()
    }
    return { term: this.#term, granted }
  }

  #append({ term, leader, last, document, committed }: AppendRequest): AppendReply {
    if (term >= this.#term) {
      this.#follow(term, leader)
      this.#heardAt = performance.now()
      if (document !== null) {
        this.#latest = document
        this.#save()
      }
      if (isAt(last, this.#latest) && committed >= this.#latest.revision) this.#write(this.#latest)
    }
    return { term: this.#term, last: positionOf(this.#latest) }
  }

  #replicate(): void {
    for (const member of this.#others(this.#latest.members)) void this.#send(member)
  }

  /** Sends until the member holds what is newest, and knows that it is written. */
  async #send(member: Member): Promise<void> {
    const { name } = member
    if (this.#busy.has(name)) return
    this.#busy.add(name)
    try {
      for (let told = false; !told; ) {
        const [term, document, committed] = [this.#term, this.#latest, this.#written.revision]
        const known = isAt(this.#followers.get(name)?.last, document)
        const request: AppendRequest = {
          to: name,
          term,
          leader: this.#options.name,
          last: positionOf(document),
          document: known ? null : document,
          committed,
        }
        const reply = (await this.#options.call(member, '/raft/append', request)) as AppendReply
        if (this.#role !== 'leader' || this.#term !== term) return
        if (reply.term > term) {
          this.#follow(reply.term, null)
          return
        }
        this.#followers.set(name, { last: reply.last, at: performance.now() })
        this.#advance()
        told = isAt(reply.last, document) && this.#latest === document && this.#written.revision === committed
      }
    } catch {
      // The next heartbeat tries again.
    } finally {
      this.#busy.delete(name)
    }
  }

  /** Leader: what a majority of the voters holds is written. */
  #advance(): void {
    if (this.#role !== 'leader' || this.#written === this.#latest) return
    const holders = this.#voters().filter(
      ({ name }) => name === this.#options.name || isAt(this.#followers.get(name)?.last, this.#latest),
    )
    if (holders.length <= this.#voters().length / 2) return
    this.#write(this.#latest)
    this.#replicate()
  }

  #write(document: Document): void {
    if (this.#written === document) return
    this.#written = document
    this.#wake()
    if (!document.members.some(({ name }) => name === this.#options.name)) this.#options.onRemoved()
  }

  #promote(): void {
    if (this.#role !== 'leader') return
    const ready = this.#latest.members.find(
      ({ name, learner }) => learner && isAt(this.#followers.get(name)?.last, this.#latest),
    )
    if (ready !== undefined) this.#propose({ kind: 'promote', name: ready.name }).catch(() => undefined)
  }

  #hearsMajority(): boolean {
    const since = performance.now() - 2 * this.#options.timing.electionMs
    const heard = this.#voters().filter(
      ({ name }) => name === this.#options.name || (this.#followers.get(name)?.at ?? 0) > since,
    )
    return heard.length > this.#voters().length / 2
  }

  #voters(): readonly Member[] {
    return this.#latest.members.filter(({ learner }) => !learner)
  }

  #others(members: readonly Member[]): readonly Member[] {
    return members.filter(({ name }) => name !== this.#options.name)
  }

  #draw(): number {
    return this.#options.timing.electionMs * (1 + Math.random())
  }

  #save(): void {
    this.#options.save({ term: this.#term, votedFor: this.#votedFor, document: this.#latest })
  }

  #wake(): void {
    for (const look of this.#waiting) look()
  }

  /** Looked at whenever something has changed. */
  #until(condition: () => boolean, complaint = TIMEOUT): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        finish()
      }
      const look = (): void => {
        if (condition()) end(resolve)
      }
      const timer = setTimeout(() => end(() => reject(new Error(complaint))), this.#options.timing.changeMs)
      this.#waiting.add(look)
    })
  }
}
