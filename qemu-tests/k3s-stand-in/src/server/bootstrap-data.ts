/** Keeps the cluster's certificates in the datastore and compares those on disk with them at each start. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../files.ts'
import { log } from '../log.ts'
import type { BootstrapData } from './document.ts'
import type { State } from './state.ts'

/** By the names of `/v1-k3s/server-bootstrap` (k3s pkg/daemons/config, ControlRuntimeBootstrap). */
const FILES: Readonly<Record<string, string>> = {
  ETCDServerCA: 'tls/etcd/server-ca.crt',
  ETCDServerCAKey: 'tls/etcd/server-ca.key',
  ETCDPeerCA: 'tls/etcd/peer-ca.crt',
  ETCDPeerCAKey: 'tls/etcd/peer-ca.key',
  ServerCA: 'tls/server-ca.crt',
  ServerCAKey: 'tls/server-ca.key',
  ClientCA: 'tls/client-ca.crt',
  ClientCAKey: 'tls/client-ca.key',
  ServiceKey: 'tls/service.key',
  PasswdFile: 'cred/passwd',
  RequestHeaderCA: 'tls/request-header-ca.crt',
  RequestHeaderCAKey: 'tls/request-header-ca.key',
  IPSECKey: 'cred/ipsec.psk',
}
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
  reconcileFiles(stored.files, directory)
}

/** Also for a server that joins, which has the files from another one. */
export function reconcileFiles(files: BootstrapData['files'], directory: string): void {
  log.info('Reconciling bootstrap data between datastore and disk')
  const newer: string[] = []
  const outdated: string[] = []
  for (const [name, { timestamp, content }] of Object.entries(files)) {
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
    const file = files[name]
    if (file !== undefined) writeFileAtomic(join(directory, name), Buffer.from(file.content, 'base64'), 0o600)
  }
}

export async function saveBootstrapData(state: State, directory: string, password: string): Promise<void> {
  if (state.bootstrap !== null) return
  log.info('Saving cluster bootstrap data to datastore')
  const saved = Object.fromEntries(
    Object.values(FILES).map((name) => {
      const path = join(directory, name)
      const timestamp = Math.floor(statSync(path).mtimeMs / 1000)
      return [name, { timestamp, content: readFileSync(path).toString('base64') }]
    }),
  )
  await state.setBootstrap({ key: keyOf(password), files: saved })
}

/** `/v1-k3s/server-bootstrap`: a map from names to base64 of `{Timestamp, Content}`. */
export function bootstrapAnswer({ files }: BootstrapData): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(FILES).flatMap(([name, path]) => {
      const file = files[path]
      if (file === undefined) return []
      const text = JSON.stringify({
        Timestamp: new Date(file.timestamp * 1000).toISOString(),
        Content: file.content,
      })
      return [[name, Buffer.from(text).toString('base64')]]
    }),
  )
}

export function parseBootstrapAnswer(text: string): BootstrapData['files'] {
  const answer = JSON.parse(text) as Readonly<Record<string, string>>
  return Object.fromEntries(
    Object.entries(FILES).flatMap(([name, path]) => {
      const encoded = answer[name]
      if (encoded === undefined) return []
      const { Timestamp, Content } = JSON.parse(Buffer.from(encoded, 'base64').toString()) as {
        Timestamp: string
        Content: string
      }
      return [[path, { timestamp: Math.floor(Date.parse(Timestamp) / 1000), content: Content }]]
    }),
  )
}
