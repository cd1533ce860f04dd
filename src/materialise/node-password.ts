import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'

/** 32 hex digits, the form of k3s's own. Derived, so that a card flashed anew joins again under its old name. */
export const nodePassword = (clusterSecretHex: string, node: string): string =>
  createHmac('sha256', Buffer.from(clusterSecretHex, 'hex'))
    .update(`node-password/${node}`)
    .digest('hex')
    .slice(0, 32)
