import { checkEncryption, checkHost, isPort, splitHost } from './endpoint-hosts.ts'
import type { EndpointProblem, EndpointSurroundings } from './endpoint-problem.ts'
import { problem } from './endpoint-problem.ts'

const form = 'mysql://USER:PASSWORD@tcp(HOST:3306)/DB'

/**
 * `user:password@tcp(host:port)/db?parameters`, read from its end as go-sql-driver/mysql does (dsn.go, ParseDSN): the last
 * `/`, before it the last `@`. User and password are taken as they are.
 */
export const checkMysql = (dsn: string, surroundings: EndpointSurroundings): readonly EndpointProblem[] => {
  if (dsn === '') return checkHost('')
  const slash = dsn.lastIndexOf('/')
  if (slash === -1) return problem('the endpoint of MySQL has no `/` before the database', `write ${form}`)
  const [before, after] = [dsn.slice(0, slash), dsn.slice(slash + 1)]
  const at = before.lastIndexOf('@')
  const login = at === -1 ? '' : before.slice(0, at)
  const place = before.slice(at + 1)
  const [, network = '', address] = /^([^()]*)(?:\((.*)\))?$/.exec(place) ?? []
  if (network === 'unix')
    return problem('the endpoint is a socket of the node, where an image has no database', `write ${form}`)
  if (address === undefined && network !== '' && network !== 'tcp')
    return problem('the host of MySQL must stand in `tcp(...)`', `write ${form}`)
  if (network !== 'tcp' && network !== '')
    return problem('the endpoint of MySQL names no network that k3s can use', `write ${form}`)
  const found = splitHost(address ?? '')
  if (found === undefined || (found.port !== undefined && !isPort(found.port)))
    return problem('the host and port of MySQL cannot be read', `write ${form}`)
  const hostFaults = checkHost(found.host)
  if (hostFaults.some(({ severity }) => severity === 'error')) return hostFaults
  if (login === '' || login.startsWith(':'))
    return problem('the endpoint of MySQL names no user', `write ${form}`)
  const parameters = new URLSearchParams(after.split('?')[1] ?? '')
  if (parameters.has('tls'))
    return problem(
      'k3s cannot use the parameter `tls` of MySQL (k3s-io/k3s#1093)',
      'leave it out: with `ca`, or `cert` and `key`, k3s encrypts by itself',
    )
  const isEncoded = /%[0-9A-Fa-f]{2}/.test(login)
  return [
    ...hostFaults,
    ...(isEncoded
      ? problem(
          'user and password of MySQL are taken as they are, and one of them looks percent-encoded',
          'write them without encoding, also `@` and `/`; when the password does hold such a `%`, all is well',
          'warning',
        )
      : []),
    ...checkEncryption(surroundings),
  ]
}
