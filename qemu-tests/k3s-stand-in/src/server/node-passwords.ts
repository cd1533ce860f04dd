/** Each node's password is remembered at its first call, as a hash in a Secret; a different one is refused. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type { State } from './state.ts'
import { isSameSecret } from './users.ts'

const COLLECTION = 'kube-system/secrets'
/** N = 2^15, r = 8, p = 1, 64 bytes, as k3s has it. */
const LOG_N = 15
const LENGTH = 64

export class NodePasswords {
  readonly #state: State
  /** What was verified since the start: an agent asks for several certificates, and scrypt is slow under emulation. */
  readonly #verified = new Map<string, string>()

  constructor(state: State) {
    this.#state = state
  }

  /** Throws when the node is known with another password. */
  async ensure(node: string, password: string): Promise<void> {
    const name = secretName(node)
    const secret = this.#state.get(COLLECTION, name)
    if (secret === null) {
      const hash = await createHash(password)
      await this.#state.put(COLLECTION, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: 'kube-system', creationTimestamp: new Date().toISOString() },
        immutable: true,
        type: 'Opaque',
        data: { hash: Buffer.from(hash).toString('base64') },
      })
      this.#verified.set(node, password)
      return
    }
    const known = this.#verified.get(node)
    if (known !== undefined && isSameSecret(known, password)) return
    const { hash } = secret['data'] as { hash: string }
    if (!(await verifyHash(Buffer.from(hash, 'base64').toString(), password))) {
      throw new Error(`unable to verify password for node ${node}: hash does not match`)
    }
    this.#verified.set(node, password)
  }

  async delete(node: string): Promise<void> {
    this.#verified.delete(node)
    await this.#state.delete(COLLECTION, secretName(node))
  }
}

const secretName = (node: string): string => `${node}.node-password.k3s`.toLowerCase()

async function createHash(password: string): Promise<string> {
  const salt = randomBytes(8)
  const key = await derive(password, salt.toString('hex'), LOG_N, 8, 1)
  return `$1:${salt.toString('hex')}:${LOG_N}:8:1:${key.toString('base64').replace(/=+$/, '')}`
}

async function verifyHash(hash: string, password: string): Promise<boolean> {
  const [version, salt, logN, r, p, encoded] = hash.split(':')
  if (version !== '$1' || salt === undefined || encoded === undefined) return false
  const expected = Buffer.from(encoded, 'base64')
  const key = await derive(password, salt, Number(logN), Number(r), Number(p))
  return key.length === expected.length && timingSafeEqual(key, expected)
}

function derive(password: string, saltHex: string, logN: number, r: number, p: number): Promise<Buffer> {
  const options = { N: 2 ** logN, r, p, maxmem: 2 ** 27 }
  return new Promise((resolve, reject) => {
    scrypt(password, Buffer.from(saltHex, 'hex'), LENGTH, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
