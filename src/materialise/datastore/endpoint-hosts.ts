import type { EndpointProblem, EndpointSurroundings } from './endpoint-problem.ts'
import { problem } from './endpoint-problem.ts'

const isLoopback = (host: string): boolean =>
  host === 'localhost' || /^127\./.test(host) || host === '::1' || host === '[::1]'

/** The host of an endpoint: one that is missing or of the node itself leads to no database. */
export const checkHost = (host: string): readonly EndpointProblem[] => {
  if (host === '')
    return problem(
      'the endpoint names no host, which means the node itself, and there is no database on it',
      'name the host of the database',
    )
  if (!isLoopback(host)) return []
  return problem(
    'the endpoint leads to the node itself, where an image has no database',
    'name the host of the database as the nodes reach it',
    'warning',
  )
}

const hostAndPort = /^(?<host>\[[0-9A-Fa-f:.]+\]|[^:/?#[\]@]*)(?::(?<port>[^/?#]*))?$/

/** `db.example.com:2379`; an IPv6 address stands in brackets. */
export const splitHost = (
  text: string,
): { readonly host: string; readonly port: string | undefined } | undefined => {
  const groups = hostAndPort.exec(text)?.groups
  if (groups === undefined) return undefined
  const { host = '', port } = groups
  if (host.startsWith('[') && !host.includes(':')) return undefined
  return { host, port }
}

export const isPort = (port: string): boolean =>
  /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536

const unreadable = (form: string): readonly EndpointProblem[] =>
  problem(
    'the host and port of the endpoint cannot be read',
    `write ${form}; an IPv6 address stands in brackets`,
  )

const notEncrypted = (): readonly EndpointProblem[] =>
  problem(
    'the connection to the datastore is not encrypted: whoever listens has its password and all Secrets',
    'give the database a certificate, and name its authority by `ca`',
    'warning',
  )

/** Without TLS of the driver: mysql and nats encrypt only with `ca` or `cert`. */
export const checkEncryption = ({ ca, client }: EndpointSurroundings): readonly EndpointProblem[] =>
  ca || client ? [] : notEncrypted()

/** For servers whose certificates are checked even without a CA of the user's. */
export const publicAuthority = (): readonly EndpointProblem[] =>
  problem(
    'without `ca` the certificate of the datastore must be of a public authority',
    'name the authority that signed it by `ca`',
    'warning',
  )

/** A list of URLs with commas; k3s gives it to the client of etcd as it is. */
export const checkEtcd = (
  endpoint: string,
  { ca, client }: EndpointSurroundings,
): readonly EndpointProblem[] => {
  const form = 'https://HOST:2379,https://HOST:2379'
  const members = endpoint.split(',').map((text) => /^(https?):\/\/([^/?#]*)(.*)$/.exec(text))
  const faults = members.flatMap((match): readonly EndpointProblem[] => {
    if (match === null)
      return problem('a member in the endpoint of etcd is no URL', `begin each one anew: ${form}`)
    const [, , authority = '', more = ''] = match
    if (authority.includes('@'))
      return problem(
        'k3s logs in to etcd by a client certificate, not by user and password',
        'leave both out, and name `cert` and `key`',
      )
    if (more !== '' && more !== '/')
      return problem('the endpoint of etcd has a path', `leave out what follows the port: ${form}`)
    const found = splitHost(authority)
    if (found === undefined) return unreadable(form)
    if (found.host !== '' && !isPort(found.port ?? ''))
      return problem('a member in the endpoint of etcd has no port', `write it: ${form}`)
    return checkHost(found.host)
  })
  if (faults.some(({ severity }) => severity === 'error')) return faults.slice(0, 1)
  const schemes = new Set(members.map((match) => match?.[1]))
  if (schemes.size > 1)
    return problem('the endpoint of etcd mixes http and https', 'write https:// before every member')
  if (schemes.has('https')) return [...faults, ...(ca ? [] : publicAuthority())]
  if (ca || client)
    return problem('`ca` and `cert` have no effect on http://', 'write https:// before every member of etcd')
  return [...faults, ...notEncrypted()]
}

/** Servers with commas, of which the first may have settings (kine docs/nats.md). */
export const checkNats = (rest: string, surroundings: EndpointSurroundings): readonly EndpointProblem[] => {
  const form = 'nats://USER:PASSWORD@HOST:4222'
  const servers = rest.split(',').map((text) => text.replace(/^nats:\/\//, '').replace(/[/?].*$/, ''))
  const faults = servers.flatMap((server): readonly EndpointProblem[] => {
    const found = splitHost(server.slice(server.lastIndexOf('@') + 1))
    if (found === undefined || (found.port !== undefined && !isPort(found.port))) return unreadable(form)
    return checkHost(found.host)
  })
  return faults.some(({ severity }) => severity === 'error')
    ? faults.slice(0, 1)
    : [...faults, ...checkEncryption(surroundings)]
}
