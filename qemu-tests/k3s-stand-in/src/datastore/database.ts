/** A database outside of the cluster, as much of it as k3s needs: keys and values, one writer winning. */

import type { Settings } from '../cli/settings.ts'
import { withMessage } from '../log.ts'
import type { DatastoreTls } from './tls.ts'
import { readTls, transportError } from './tls.ts'

export interface Database {
  /** Every key that begins with this. */
  readonly list: (prefix: string) => Promise<ReadonlyMap<string, string>>
  /** False when the key is there already. */
  readonly create: (key: string, value: string) => Promise<boolean>
  readonly put: (key: string, value: string) => Promise<void>
  readonly delete: (key: string) => Promise<void>
}

/** Loaded only by a server that needs one: start-up is slow under emulation. */
const DRIVERS: Readonly<Record<string, (endpoint: string, tls: DatastoreTls) => Promise<Database>>> = {
  postgres: async (endpoint, tls) => (await import('./postgres.ts')).openPostgres(endpoint, tls),
  mysql: async (endpoint, tls) => (await import('./mysql.ts')).openMysql(endpoint, tls),
  http: async (endpoint, tls) => (await import('./etcd.ts')).openEtcd(endpoint, tls),
  https: async (endpoint, tls) => (await import('./etcd.ts')).openEtcd(endpoint, tls),
}

/** Logs in, or throws what k3s says when it cannot (k3s pkg/cluster/cluster.go, kine pkg/endpoint). */
export async function openDatabase(settings: Settings): Promise<Database> {
  const endpoint = settings.text('datastore-endpoint')
  const scheme = endpoint.split('://')[0] ?? ''
  const open = DRIVERS[scheme]
  const building = scheme.startsWith('http') ? '' : 'building kine: '
  try {
    if (open === undefined) throw new Error(`unsupported datastore type ${scheme}; use a real release`)
    return await open(endpoint, readTls(settings))
  } catch (error) {
    throw withMessage(
      transportError(error),
      `preparing server: failed to bootstrap cluster data: creating storage endpoint: ${building}failed to connect to the datastore`,
    )
  }
}
