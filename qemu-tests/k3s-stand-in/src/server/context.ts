/** What the parts of the server share. */

import type { NodePasswords } from './node-passwords.ts'
import type { Pki } from './pki.ts'
import type { State } from './state.ts'
import type { Users } from './users.ts'

export interface ServerContext {
  readonly directory: string
  readonly port: number
  readonly addresses: readonly string[]
  readonly pki: Pki
  readonly users: Users
  readonly state: State
  readonly nodePasswords: NodePasswords
  /** Answer of `/v1-k3s/config`. */
  readonly config: Readonly<Record<string, unknown>>
  /** Name of the node that this process itself becomes. */
  readonly ownNode: string
  /** False until the API answers: until then the supervisor serves only its own node. */
  ready: boolean
}
