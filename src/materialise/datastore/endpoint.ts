import { checkEtcd, checkNats } from './endpoint-hosts.ts'
import { checkMysql } from './endpoint-mysql.ts'
import { checkPostgres } from './endpoint-postgres.ts'
import type { EndpointProblem, EndpointSurroundings } from './endpoint-problem.ts'
import { problem } from './endpoint-problem.ts'

type CheckEndpoint = (rest: string, surroundings: EndpointSurroundings) => readonly EndpointProblem[]

const checks: Readonly<Record<string, CheckEndpoint>> = {
  http: (rest, surroundings) => checkEtcd(`http://${rest}`, surroundings),
  https: (rest, surroundings) => checkEtcd(`https://${rest}`, surroundings),
  mysql: checkMysql,
  postgres: checkPostgres,
  nats: checkNats,
}

const forms =
  'postgres://USER:PASSWORD@HOST:5432/DB, mysql://USER:PASSWORD@tcp(HOST:3306)/DB, https://HOST:2379,https://HOST:2379 (etcd) or nats://HOST:4222'

/** Beginnings that other programs know, and k3s's for the same. */
const meant: Readonly<Record<string, string>> = {
  postgresql: 'postgres',
  mariadb: 'mysql',
  etcd: 'https',
  jdbc: 'postgres or mysql',
  tcp: 'https',
}

const unknownKind = (scheme: string): readonly EndpointProblem[] => {
  const lower = scheme.toLowerCase()
  if (lower === 'sqlite')
    return problem('the endpoint is of sqlite', 'set `kind: sqlite` and leave out `endpoint`')
  const known = Object.hasOwn(checks, lower) ? lower : meant[lower]
  return problem(
    'the endpoint does not begin with a kind of database that k3s knows',
    known === undefined ? `write ${forms}` : `begin it with ${known}://`,
  )
}

/**
 * Checks the form of `datastore-endpoint` as k3s and its drivers read it (docs.k3s.io/datastore; kine pkg/endpoint, and
 * pkg/drivers/pgsql and mysql; go-sql-driver/mysql dsn.go). k3s would say so only on the node, at its first start.
 */
export const checkEndpoint = (
  endpoint: string,
  surroundings: EndpointSurroundings,
): readonly EndpointProblem[] => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\s\u0000-\u001f\u007f]/.test(endpoint))
    return problem('the endpoint has white space in it', 'remove it; in a PostgreSQL password a space is %20')
  const [, scheme, rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/.exec(endpoint) ?? []
  if (scheme === undefined)
    return problem('the endpoint does not say which kind of database it is of', `write ${forms}`)
  return checks[scheme]?.(rest, surroundings) ?? unknownKind(scheme)
}
