/**
 * Which datastore a server has, by the rules of k3s: etcd that is there, a database of the user's, a cluster to start or to
 * join, else one file.
 */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../cli/settings.ts'
import { ExternalStore } from '../datastore/external-store.ts'
import type { EtcdOptions } from '../etcd/member.ts'
import { EtcdMember } from '../etcd/member.ts'
import type { JoinServerRequest } from '../etcd/remote-cluster.ts'
import { readRemoteCluster } from '../etcd/remote-cluster.ts'
import { reconcileFiles } from './bootstrap-data.ts'
import type { Member } from './document.ts'
import type { Store } from './state.ts'
import { fileStore } from './state.ts'

/** How servers tell each other which nodes are alive. */
export interface Beats {
  readonly beat: (node: string) => void
  /** Nodes that another server has heard of. */
  onBeat: (node: string) => void
}

export interface Datastore {
  readonly store: Store
  /** Null where there is no other server. */
  readonly beats: Beats | null
  /** Null without etcd. */
  readonly etcd: EtcdMember | null
  /** To be called when the node's certificates are there. */
  readonly start: (tls: string) => Promise<void>
}

/** For a server that joins, its certificate authorities are on disk afterwards. */
export async function openDatastore(
  settings: Settings,
  options: EtcdOptions,
  remote: Omit<JoinServerRequest, 'url'>,
  /** The server token that the bootstrap data is kept under, without prefix; empty: none is known. */
  password: string,
): Promise<Datastore> {
  const { directory } = options
  const url = settings.text('server')
  const initialized = EtcdMember.isInitialized(directory)
  const endpoint = settings.text('datastore-endpoint')
  if (!initialized && endpoint !== '' && !endpoint.startsWith('sqlite')) {
    if (password === '') throw new Error('the stand-in for k3s wants a token for an external datastore')
    const external = await ExternalStore.open(settings, password)
    return { store: external, beats: external, etcd: null, start: async () => undefined }
  }
  if (!initialized && !settings.isSet('cluster-init') && url === '') {
    const store = fileStore(directory, randomBytes(8).toString('hex'))
    return { store, beats: null, etcd: null, start: async () => undefined }
  }
  if (existsSync(join(directory, 'db', 'state.db'))) {
    throw new Error('the stand-in for k3s does not move a datastore of sqlite into etcd; use a real release')
  }
  const joins = !initialized && url !== ''
  let members: readonly Member[] = []
  if (joins) {
    const cluster = await readRemoteCluster({ ...remote, url })
    reconcileFiles(cluster.bootstrap, directory)
    members = cluster.members
  }
  const etcd = new EtcdMember(options)
  return {
    store: etcd,
    beats: etcd,
    etcd,
    start: (tls) => (joins ? etcd.join(tls, members) : etcd.start(tls)),
  }
}
