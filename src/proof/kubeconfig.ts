import { parse } from 'yaml'

/** What a client needs of a kubeconfig. */
export interface Kubeconfig {
  readonly host: string
  readonly port: number
  readonly ca: string
  readonly clientCertificate: string
  readonly clientKey: string
}

type Tree = Readonly<Record<string, unknown>>

const entry = (list: unknown, kind: string): Tree => {
  const first: unknown = Array.isArray(list) ? list[0] : undefined
  const value = typeof first === 'object' && first !== null ? (first as Tree)[kind] : undefined
  if (typeof value !== 'object' || value === null) throw new TypeError(`the kubeconfig has no ${kind}`)
  return value as Tree
}

const pem = (tree: Tree, key: string): string => {
  const value = tree[key]
  if (typeof value !== 'string') throw new TypeError(`the kubeconfig has no ${key}`)
  return Buffer.from(value, 'base64').toString('utf8')
}

/** Reads a kubeconfig with one cluster and one user, as `build` writes it. */
export const parseKubeconfig = (text: string): Kubeconfig => {
  const tree: unknown = parse(text)
  if (typeof tree !== 'object' || tree === null) throw new TypeError('the kubeconfig is empty')
  const cluster = entry((tree as Tree)['clusters'], 'cluster')
  const user = entry((tree as Tree)['users'], 'user')
  const server = new URL(String(cluster['server']))
  return {
    host: server.hostname.replace(/^\[|\]$/g, ''),
    port: server.port === '' ? 443 : Number(server.port),
    ca: pem(cluster, 'certificate-authority-data'),
    clientCertificate: pem(user, 'client-certificate-data'),
    clientKey: pem(user, 'client-key-data'),
  }
}
