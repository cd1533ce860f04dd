/** `cred/passwd`: who may ask the supervisor. The agent's password is the server's unless it has its own. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../files.ts'
import { log } from '../log.ts'
import { normalizeToken, parseToken } from '../token.ts'

export interface Users {
  readonly server: string
  readonly node: string
}

/**
 * The configured tokens, else those of the last start, else new ones. A full token is taken apart only when it names the
 * user that it is for.
 */
export function ensureUsers(directory: string, token: string, agentToken: string): Users {
  const path = join(directory, 'cred', 'passwd')
  const known = new Map(
    (readIfPresent(path) ?? '').split('\n').map((line): [string, string] => {
      const [password = '', user = ''] = line.split(',')
      return [user, password]
    }),
  )
  let server = known.get('server') ?? ''
  if (token !== '') {
    normalizeToken(token)
    server = passwordFor('server', token)
  } else if (server === '') server = randomBytes(16).toString('hex')
  const node = agentToken === '' ? server : passwordFor('node', agentToken)
  const text = `${node},node,node,k3s:agent\n${server},server,server,k3s:server\n`
  if (readIfPresent(path) !== text) writeFileAtomic(path, text, 0o600)
  return { server, node }
}

function passwordFor(user: string, text: string): string {
  const token = parseToken(text)
  if (token.bootstrap !== null)
    throw new Error(`failed to normalize ${user} token; must not be a bootstrap token`)
  if (token.username !== '' && token.username !== user) {
    log.warn(`token names user ${token.username}, but is used for ${user}`)
  }
  return token.password
}

export function isSameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}
