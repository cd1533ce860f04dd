/** An etcd of the user's own, by the JSON form of its API (etcd.io/docs/v3.4/dev-guide/api_grpc_gateway). */

import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { messageOf } from '../log.ts'
import type { Database } from './database.ts'
import type { DatastoreTls } from './tls.ts'
import { transportError } from './tls.ts'

const TIMEOUT_MS = 10_000

interface KeyValue {
  readonly key: string
  readonly value?: string
}

const encode = (text: string): string => Buffer.from(text).toString('base64')
const decode = (text: string): string => Buffer.from(text, 'base64').toString()

/** The first key after all that begin with this. */
function endOf(prefix: string): string {
  const bytes = Buffer.from(prefix)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) + 1
  return bytes.toString('base64')
}

function post(url: string, body: object, tls: DatastoreTls): Promise<unknown> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', timeout: TIMEOUT_MS, ...tls }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`etcdserver: ${response.statusCode} ${text.trim()}`))
      })
    })
    call.on('timeout', () => call.destroy(new Error('context deadline exceeded')))
    call.on('error', reject)
    call.end(JSON.stringify(body))
  })
}

export async function openEtcd(endpoint: string, tls: DatastoreTls): Promise<Database> {
  const members = endpoint.split(',').map((member) => member.replace(/\/$/, ''))
  /** The first member that answers; the reason of the last one when none does. */
  const ask = async (path: string, body: object): Promise<unknown> => {
    let reason: unknown
    for (const member of members) {
      try {
        return await post(`${member}/v3/kv/${path}`, body, tls)
      } catch (error) {
        reason = transportError(error)
      }
    }
    throw new Error(`context deadline exceeded: ${messageOf(reason)}`)
  }
  const list = async (prefix: string): Promise<ReadonlyMap<string, string>> => {
    const answer = await ask('range', { key: encode(prefix), range_end: endOf(prefix) })
    const { kvs = [] } = answer as { kvs?: readonly KeyValue[] }
    return new Map(kvs.map(({ key, value = '' }) => [decode(key), decode(value)]))
  }
  await list('/bootstrap')
  return {
    list,
    create: async (key, value) => {
      const answer = await ask('txn', {
        compare: [{ key: encode(key), target: 'CREATE', create_revision: '0' }],
        success: [{ request_put: { key: encode(key), value: encode(value) } }],
      })
      return (answer as { succeeded?: boolean }).succeeded === true
    },
    put: async (key, value) => {
      await ask('put', { key: encode(key), value: encode(value) })
    },
    delete: async (key) => {
      await ask('deleterange', { key: encode(key) })
    },
  }
}
