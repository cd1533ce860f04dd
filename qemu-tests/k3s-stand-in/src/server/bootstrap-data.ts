/** Keeps the cluster's certificates in the datastore and compares those on disk with them at each start. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../files.ts'
import { log } from '../log.ts'
import type { State } from './state.ts'

const FILES = [
  ...['server-ca', 'client-ca', 'request-header-ca', 'etcd/server-ca', 'etcd/peer-ca'].flatMap((name) => [
    `tls/${name}.crt`,
    `tls/${name}.key`,
  ]),
  'tls/service.key',
  'cred/passwd',
  'cred/ipsec.psk',
]
/** A file on disk that is younger than the stored one by this many seconds must not be lost silently. */
const CLOCK_SKEW = 3

const keyOf = (password: string): string => createHash('sha256').update(password).digest('hex').slice(0, 12)

/** Ends the process when a file on disk differs from the datastore and is newer; older ones are written anew. */
export function reconcileBootstrapData(state: State, directory: string, password: string): void {
  const stored = state.bootstrap
  if (stored === null) return
  if (stored.key !== keyOf(password)) {
    throw new Error('bootstrap data already found and encrypted with different token')
  }
  log.info('Reconciling bootstrap data between datastore and disk')
  const newer: string[] = []
  const outdated: string[] = []
  for (const [name, { timestamp, content }] of Object.entries(stored.files)) {
    const path = join(directory, name)
    if (!existsSync(path)) {
      log.warn(`${path} doesn't exist. continuing...`)
      outdated.push(name)
    } else if (!readFileSync(path).equals(Buffer.from(content, 'base64'))) {
      const age = Math.floor(statSync(path).mtimeMs / 1000) - timestamp
      if (age >= CLOCK_SKEW) newer.push(path)
      else {
        log.warn(`${path} will be updated from the datastore.`)
        outdated.push(name)
      }
    }
  }
  if (newer.length > 0) {
    log.fatal(
      `${newer.join(', ')} newer than datastore and could cause a cluster outage. Remove the file(s) from disk and restart to be recreated from datastore.`,
    )
  }
  if (outdated.length > 0) log.warn('Updating bootstrap data on disk from datastore')
  for (const name of outdated) {
    const file = stored.files[name]
    if (file !== undefined) writeFileAtomic(join(directory, name), Buffer.from(file.content, 'base64'), 0o600)
  }
}

export function saveBootstrapData(state: State, directory: string, password: string): void {
  if (state.bootstrap !== null) return
  log.info('Saving cluster bootstrap data to datastore')
  const files = Object.fromEntries(
    FILES.map((name) => {
      const path = join(directory, name)
      const timestamp = Math.floor(statSync(path).mtimeMs / 1000)
      return [name, { timestamp, content: readFileSync(path).toString('base64') }]
    }),
  )
  state.setBootstrap({ key: keyOf(password), files })
}
