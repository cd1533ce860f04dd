/** PostgreSQL: kine's table, and its newest row of each name (kine pkg/drivers/pgsql). */

import { Client } from 'pg'
import type { Database } from './database.ts'
import { likePrefix, SqlDatabase } from './sql.ts'
import type { DatastoreTls } from './tls.ts'

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS kine (
     id SERIAL PRIMARY KEY, name VARCHAR(630), created INTEGER, deleted INTEGER,
     create_revision INTEGER, prev_revision INTEGER, lease INTEGER, value bytea, old_value bytea)`,
  'CREATE UNIQUE INDEX IF NOT EXISTS kine_name_prev_revision_uindex ON kine (name, prev_revision)',
]
const UNIQUE_VIOLATION = '23505'

/** As the driver of k3s: with certificates everything is checked, unless the endpoint says otherwise. */
function tlsOf(mode: string | null, { ca, cert, key }: DatastoreTls): object | false {
  const effective = (mode ?? (ca ?? cert ?? key) === undefined) ? (mode ?? 'require') : 'verify-full'
  if (effective === 'disable') return false
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  if (effective === 'verify-full') return files
  if (effective === 'verify-ca') return { ...files, checkServerIdentity: () => undefined }
  return { ...files, rejectUnauthorized: false }
}

export async function openPostgres(endpoint: string, tls: DatastoreTls): Promise<Database> {
  const url = new URL(endpoint)
  const client = new Client({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 5432 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'kubernetes',
    ssl: tlsOf(url.searchParams.get('sslmode'), tls),
    connectionTimeoutMillis: 30_000,
  })
  // A connection that breaks ends k3s; systemd starts it again.
  client.on('error', (error) => {
    process.stderr.write(`kine: ${error.message}\n`)
    process.exit(1)
  })
  try {
    await client.connect()
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    // Errors of the server have five characters.
    throw code !== undefined && /^[0-9A-Z]{5}$/.test(code)
      ? new Error(`FATAL: ${message} (SQLSTATE ${code})`)
      : error
  }
  for (const statement of SCHEMA) {
    // Two servers that begin together: the one that loses finds the table there.
    await client.query(statement).catch(async (error: { code?: string }) => {
      if (error.code !== UNIQUE_VIOLATION) throw error
      await client.query(statement)
    })
  }
  return new SqlDatabase({
    newest: async (prefix) => {
      const { rows } = await client.query<{ name: string; id: number; deleted: number; value: Buffer }>(
        `SELECT DISTINCT ON (name) name, id, deleted, value FROM kine WHERE name LIKE $1 ORDER BY name, id DESC`,
        [likePrefix(prefix)],
      )
      return rows.map(({ name, id, deleted, value }) => ({ name, id, deleted, value: value.toString() }))
    },
    insert: async ({ name, created, deleted, previous, value }) => {
      try {
        await client.query(
          `INSERT INTO kine(name, created, deleted, create_revision, prev_revision, lease, value, old_value)
           VALUES ($1, $2, $3, 0, $4, 0, $5, NULL)`,
          [name, created, deleted, previous, Buffer.from(value)],
        )
        return true
      } catch (error) {
        if ((error as { code?: string }).code === UNIQUE_VIOLATION) return false
        throw error
      }
    },
    forget: async (name, before) => {
      await client.query('DELETE FROM kine WHERE name = $1 AND id < $2', [name, before])
    },
  })
}
