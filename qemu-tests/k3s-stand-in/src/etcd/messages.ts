/** What members say to each other. */

import type { Document, Member, Operation } from '../server/document.ts'

/** Where a member's document stands. */
export interface Position {
  readonly term: number
  readonly revision: number
}

/** Another member may have come to the address of one that is gone. */
interface Addressed {
  readonly to: string
}

export interface VoteRequest extends Addressed {
  readonly term: number
  readonly candidate: string
  readonly last: Position
}

export interface VoteReply {
  readonly term: number
  readonly granted: boolean
  /** The leader knows no such member. */
  readonly removed?: boolean
}

export interface AppendRequest extends Addressed {
  readonly term: number
  readonly leader: string
  readonly last: Position
  /** null: the follower is known to have it. */
  readonly document: Document | null
  /** Number of the newest change that a majority has. */
  readonly committed: number
}

export interface AppendReply {
  readonly term: number
  readonly last: Position
}

export interface ChangeRequest {
  readonly operation: Operation
}

export interface ChangeReply {
  readonly revision: number
}

export type PeerPath = '/raft/vote' | '/raft/append' | '/raft/change' | '/beat'

/** The member did not answer; what it was asked for may have been done. */
export class Unreachable extends Error {}

/** Rejects with `Unreachable` when the member does not answer, else with its own complaint. */
export type PeerCall = (member: Member, path: PeerPath, body: object) => Promise<unknown>

export const isAt = (position: Position | undefined, document: Document): boolean =>
  position?.term === document.term && position.revision === document.revision

export const positionOf = ({ term, revision }: Document): Position => ({ term, revision })

export const isBehind = (left: Position, right: Position): boolean =>
  left.term < right.term || (left.term === right.term && left.revision < right.revision)
