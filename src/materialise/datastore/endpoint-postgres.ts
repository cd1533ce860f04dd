import { checkHost, isPort, publicAuthority, splitHost } from './endpoint-hosts.ts'
import type { EndpointProblem, EndpointSurroundings } from './endpoint-problem.ts'
import { problem } from './endpoint-problem.ts'

const form = 'postgres://USER:PASSWORD@HOST:5432/DB'
const encode =
  'percent-encode user and password: `/` is %2F, `?` is %3F, `#` is %23, `%` is %25, `@` is %40, `:` is %3A'

/** What may stand unencoded in user and password (Go net/url, validUserinfo); a `%` only before two hex digits. */
const userinfo = /^(?:[A-Za-z0-9\-._:~!$&'()*+,;=@]|%[0-9A-Fa-f]{2})*$/

const modes: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

/** How k3s's driver treats the connection: with `ca`, `cert` or `key` it is verify-full unless the endpoint says otherwise. */
const checkMode = (
  parameters: URLSearchParams,
  { ca, client }: EndpointSurroundings,
): readonly EndpointProblem[] => {
  const ownFile = ['sslrootcert', 'sslcert', 'sslkey'].find((name) => parameters.has(name))
  if (ownFile !== undefined)
    return problem(
      `the endpoint names a file of the node by \`${ownFile}\``,
      'leave it out, and name your files by `ca`, `cert` and `key`: they are put on every server',
    )
  const mode = parameters.get('sslmode')
  if (mode !== null && !modes.includes(mode))
    return problem('the endpoint has an unknown `sslmode`', 'use verify-full, verify-ca, require or disable')
  if (ca || client) {
    return mode === 'disable'
      ? problem('`sslmode=disable` leaves `ca` and `cert` without effect', 'leave out the one or the other')
      : []
  }
  if (mode === 'verify-ca' || mode === 'verify-full') return publicAuthority()
  if (mode === null || mode === 'require')
    return problem(
      'the certificate of PostgreSQL is not checked: whoever answers at its address gets the password',
      'name the authority that signed it by `ca`',
      'warning',
    )
  return problem(
    'the connection to PostgreSQL is not encrypted, or not always',
    'leave out `sslmode`, and name the authority of its certificate by `ca`',
    'warning',
  )
}

/** A URL as Go reads it: user and password are percent-encoded. */
export const checkPostgres = (
  rest: string,
  surroundings: EndpointSurroundings,
): readonly EndpointProblem[] => {
  if (rest === '') return checkHost('')
  const [, authority = '', more = ''] = /^([^/?#]*)(.*)$/.exec(rest) ?? []
  const at = authority.lastIndexOf('@')
  const login = at === -1 ? '' : authority.slice(0, at)
  // Without a host in the first part, the password has ended it early.
  if (at === -1 && more.includes('@'))
    return problem('the user or password of PostgreSQL holds a `/`, `?` or `#`', encode)
  if (!userinfo.test(login))
    return problem('the user or password of PostgreSQL holds a character that must be encoded', encode)
  const found = splitHost(authority.slice(at + 1))
  if (found === undefined || (found.port !== undefined && !isPort(found.port)))
    return problem('the host and port of PostgreSQL cannot be read', `write ${form}; ${encode}`)
  const hostFaults = checkHost(found.host)
  if (hostFaults.some(({ severity }) => severity === 'error')) return hostFaults
  const [user = '', password = ''] = login.split(':')
  if (user === '') return problem('the endpoint of PostgreSQL names no user', `write ${form}`)
  if (more.includes('#')) return problem('the endpoint of PostgreSQL holds a `#`', encode)
  const tls = checkMode(new URLSearchParams(more.split('?')[1] ?? ''), surroundings)
  if (tls.some(({ severity }) => severity === 'error')) return tls
  return [
    ...hostFaults,
    ...(password === '' && !surroundings.client
      ? problem('the endpoint of PostgreSQL has no password', `write ${form}`, 'warning')
      : []),
    ...tls,
  ]
}
