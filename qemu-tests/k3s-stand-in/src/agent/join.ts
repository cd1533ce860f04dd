/** Joining: the cluster's settings, its CAs, and certificates for the parts of the node. */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../files.ts'
import { kubeconfigFiles } from '../kubeconfig.ts'
import { log, withMessage } from '../log.ts'
import { machinePath } from '../root.ts'
import { makeSigningRequest } from '../x509/issue.ts'
import { loadOrMakeKey } from '../x509/keys.ts'
import type { Access } from './access.ts'
import { get, post } from './access.ts'
import { call } from './client.ts'

export interface JoinRequest {
  readonly dataDirectory: string
  readonly nodeName: string
  readonly withNodeId: boolean
  readonly addresses: readonly string[]
  /** What the node's own kubeconfigs point at. */
  readonly apiUrl: string
}

export interface Joined {
  readonly nodeName: string
  readonly config: Readonly<Record<string, unknown>>
  readonly servers: readonly string[]
}

const NODE_FOLDER = '/etc/rancher/node'

export async function joinCluster(access: Access, request: JoinRequest): Promise<Joined> {
  const agent = join(request.dataDirectory, 'agent')
  let config: Record<string, unknown>
  try {
    config = JSON.parse((await get(access, '/v1-k3s/config')).toString()) as Record<string, unknown>
  } catch (error) {
    throw withMessage(error, 'failed to retrieve configuration from server')
  }
  const servers = JSON.parse((await get(access, '/v1-k3s/apiservers')).toString()) as string[]
  for (const name of ['client-ca.crt', 'server-ca.crt']) {
    writeFileAtomic(join(agent, name), await get(access, `/v1-k3s/${name}`), 0o600)
  }
  mkdirSync(machinePath(NODE_FOLDER), { recursive: true, mode: 0o755 })
  const nodeName = request.withNodeId ? `${request.nodeName}-${nodeId()}` : request.nodeName
  const identity = {
    'k3s-Node-Name': nodeName,
    'k3s-Node-Password': nodePassword(),
    'k3s-Node-IP': request.addresses.join(','),
  }
  for (const name of ['serving-kubelet', 'client-kubelet', 'client-kube-proxy', 'client-k3s-controller']) {
    const named = name.endsWith('kubelet')
    try {
      await certify(access, agent, name, named ? identity : null)
    } catch (error) {
      throw named ? withMessage(error, join(agent, `${name}.crt`)) : error
    }
  }
  for (const [name, user] of [
    ['kubelet', 'client-kubelet'],
    ['kubeproxy', 'client-kube-proxy'],
    ['k3scontroller', 'client-k3s-controller'],
  ] as const) {
    const text = kubeconfigFiles(request.apiUrl, {
      ca: join(agent, 'server-ca.crt'),
      certificate: join(agent, `${user}.crt`),
      key: join(agent, `${user}.key`),
    })
    writeFileAtomic(join(agent, `${name}.kubeconfig`), text, 0o600)
  }
  return { nodeName, config, servers }
}

/** Sends a signing request for a key of its own. A server that sends a key back wants that one used. */
async function certify(
  access: Access,
  agent: string,
  name: string,
  identity: Readonly<Record<string, string>> | null,
): Promise<void> {
  const keyPath = join(agent, `${name}.key`)
  const body = makeSigningRequest(loadOrMakeKey(keyPath))
  const path = `/v1-k3s/${name}.crt`
  const answer =
    identity === null
      ? (await post(access, path, { body })).toString()
      : await requestNamed(access, path, body, identity)
  const blocks = answer.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----\n?/g) ?? []
  const isKey = (block: string): boolean => block.includes('PRIVATE KEY')
  writeFileAtomic(join(agent, `${name}.crt`), blocks.filter((block) => !isKey(block)).join(''), 0o600)
  const keys = blocks.filter(isKey).join('')
  if (keys !== '') writeFileAtomic(keyPath, keys, 0o600)
}

/** Node identity first; when the node was deleted from the cluster, the token again. */
async function requestNamed(
  access: Access,
  path: string,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const url = `${access.url}${path}`
  let answer = await call(url, { ...access, method: 'POST', body, headers })
  if (answer.status === 401 && access.certificate !== undefined) {
    log.info('Node authorization rejected, retrying without client certificate authentication')
    const { ca, authorization = '' } = access
    answer = await call(url, { ca, authorization, method: 'POST', body, headers })
  }
  if (answer.status === 403) {
    throw new Error(
      `Node password rejected, duplicate hostname or contents of '${NODE_FOLDER}/password' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag`,
    )
  }
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`)
  return answer.body.toString()
}

function nodePassword(): string {
  const path = machinePath(`${NODE_FOLDER}/password`)
  if (existsSync(path)) return readFileSync(path, 'utf8').trim()
  const password = randomBytes(16).toString('hex')
  writeFileSync(path, `${password}\n`, { mode: 0o600 })
  return password
}

function nodeId(): string {
  const path = machinePath(`${NODE_FOLDER}/id`)
  const known = readIfPresent(path)
  if (known !== null) return known.trim()
  const id = randomBytes(4).toString('hex')
  writeFileSync(path, `${id}\n`, { mode: 0o644 })
  return id
}
