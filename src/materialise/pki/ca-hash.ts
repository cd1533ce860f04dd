import { createHash } from 'node:crypto'

/** What a joining node compares with the body of `GET /cacerts`: for one certificate, the hash of the file's bytes. */
export const caHash = (serverCaCrt: string): string => createHash('sha256').update(serverCaCrt).digest('hex')
