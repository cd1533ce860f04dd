/** What the parts of the server share. */

import type { EtcdMember } from '../etcd/member.ts'
import type { Audit } from './api-arguments.ts'
import type { NodeMonitor } from './node-monitor.ts'
import type { NodePasswords } from './node-passwords.ts'
import type { Pki } from './pki.ts'
import type { State } from './state.ts'
import type { Users } from './users.ts'

export interface ServerContext {
  readonly directory: string
  readonly port: number
  /** `host:port`, where others find this server. */
  readonly apiAddress: string
  readonly pki: Pki
  readonly users: Users
  readonly state: State
  readonly nodePasswords: NodePasswords
  /** Null without etcd. */
  readonly etcd: EtcdMember | null
  readonly monitor: NodeMonitor
  /** Answer of `/v1-k3s/config`. */
  readonly config: Readonly<Record<string, unknown>>
  /** Name of the node that this process itself becomes. */
  readonly ownNode: string
  readonly audit: Audit
  /** False until the API answers: until then the supervisor serves only its own node. */
  ready: boolean
}
