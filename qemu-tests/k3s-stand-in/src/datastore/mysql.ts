/** MySQL and MariaDB: kine's table (kine pkg/drivers/mysql), by an endpoint in the form of go-sql-driver/mysql. */

import type { RowDataPacket } from 'mysql2/promise'
import { createConnection } from 'mysql2/promise'
import type { Database } from './database.ts'
import { likePrefix, SqlDatabase } from './sql.ts'
import type { DatastoreTls } from './tls.ts'

const SCHEMA = `CREATE TABLE IF NOT EXISTS kine (
  id INTEGER AUTO_INCREMENT, name VARCHAR(630) CHARACTER SET ascii, created INTEGER, deleted INTEGER,
  create_revision INTEGER, prev_revision INTEGER, lease INTEGER, value MEDIUMBLOB, old_value MEDIUMBLOB,
  PRIMARY KEY (id), UNIQUE KEY kine_name_prev_revision_uindex (name, prev_revision))`
const DUPLICATE_ENTRY = 1062

interface MysqlAddress {
  readonly user: string
  readonly password: string
  readonly host: string
  readonly port: number
  readonly database: string
}

/** `user:password@tcp(host:port)/db?parameters`: nothing is percent-encoded. */
export function parseDsn(dsn: string): MysqlAddress {
  const slash = dsn.lastIndexOf('/')
  if (slash < 0) throw new Error('invalid DSN: missing the slash separating the database name')
  const [before, after] = [dsn.slice(0, slash), dsn.slice(slash + 1)]
  const at = before.lastIndexOf('@')
  const login = before.slice(0, Math.max(at, 0))
  const [, network = '', address = ''] = /^([^()]*)(?:\((.*)\))?$/.exec(before.slice(at + 1)) ?? []
  if (network !== 'tcp') throw new Error(`default addr for network '${network}' unknown`)
  const [, host = '', port = '3306'] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(address) ?? []
  const colon = login.indexOf(':')
  return {
    user: colon < 0 ? login : login.slice(0, colon),
    password: colon < 0 ? '' : login.slice(colon + 1),
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    database: after.split('?')[0] || 'kubernetes',
  }
}

export async function openMysql(endpoint: string, { ca, cert, key }: DatastoreTls): Promise<Database> {
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  const isEncrypted = Object.keys(files).length > 0
  const connection = await createConnection({
    ...parseDsn(endpoint.slice('mysql://'.length)),
    ...(isEncrypted ? { ssl: { ...files, verifyIdentity: true } } : {}),
    connectTimeout: 30_000,
  }).catch((error: { errno?: number; sqlState?: string; message: string }) => {
    throw error.sqlState === undefined
      ? error
      : new Error(`Error ${error.errno} (${error.sqlState}): ${error.message}`)
  })
  // A connection that breaks ends k3s; systemd starts it again.
  connection.on('error', (error) => {
    process.stderr.write(`kine: ${error.message}\n`)
    process.exit(1)
  })
  await connection.query(SCHEMA)
  return new SqlDatabase({
    newest: async (prefix) => {
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT name, id, deleted, value FROM kine WHERE id IN
           (SELECT MAX(id) FROM kine WHERE name LIKE ? GROUP BY name)`,
        [likePrefix(prefix)],
      )
      return rows.map((row) => ({
        name: String(row['name']),
        id: Number(row['id']),
        deleted: Number(row['deleted']),
        value: (row['value'] as Buffer).toString(),
      }))
    },
    insert: async ({ name, created, deleted, previous, value }) => {
      try {
        await connection.query(
          `INSERT INTO kine(name, created, deleted, create_revision, prev_revision, lease, value, old_value)
           VALUES (?, ?, ?, 0, ?, 0, ?, NULL)`,
          [name, created, deleted, previous, Buffer.from(value)],
        )
        return true
      } catch (error) {
        if ((error as { errno?: number }).errno === DUPLICATE_ENTRY) return false
        throw error
      }
    },
    forget: async (name, before) => {
      await connection.query('DELETE FROM kine WHERE name = ? AND id < ?', [name, before])
    },
  })
}
