/** Kubeconfig files: written as k3s writes them, and read for the built-in client. */

import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'

interface Paths {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

/** Names files, for the components of a node. */
export function kubeconfigFiles(server: string, { ca, certificate, key }: Paths): string {
  return kubeconfig(
    'local',
    'Default',
    { server, 'certificate-authority': ca },
    { 'client-certificate': certificate, 'client-key': key },
  )
}

/** Holds the certificates themselves, for people. */
export function kubeconfigData(server: string, paths: Paths): string {
  const data = (path: string): string => readFileSync(path).toString('base64')
  return kubeconfig(
    'default',
    'default',
    { 'certificate-authority-data': data(paths.ca), server },
    { 'client-certificate-data': data(paths.certificate), 'client-key-data': data(paths.key) },
  )
}

function kubeconfig(name: string, context: string, cluster: object, user: object): string {
  return stringify(
    {
      apiVersion: 'v1',
      clusters: [{ cluster, name }],
      contexts: [{ context: { cluster: name, user: name === 'local' ? 'user' : name }, name: context }],
      'current-context': context,
      kind: 'Config',
      preferences: {},
      users: [{ name: name === 'local' ? 'user' : name, user }],
    },
    { lineWidth: 0 },
  )
}

export interface Access {
  readonly server: string
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

interface KubeconfigDocument {
  readonly 'current-context': string
  readonly contexts: readonly { readonly name: string; readonly context: { cluster: string; user: string } }[]
  readonly clusters: readonly { readonly name: string; readonly cluster: Record<string, string> }[]
  readonly users: readonly { readonly name: string; readonly user: Record<string, string> }[]
}

export function readKubeconfig(path: string): Access {
  const document = parse(readFileSync(path, 'utf8')) as KubeconfigDocument
  const context = document.contexts.find(({ name }) => name === document['current-context'])?.context
  const cluster = document.clusters.find(({ name }) => name === context?.cluster)?.cluster ?? {}
  const user = document.users.find(({ name }) => name === context?.user)?.user ?? {}
  const value = (fields: Record<string, string>, name: string): string => {
    const data = fields[`${name}-data`]
    if (data !== undefined) return Buffer.from(data, 'base64').toString()
    const file = fields[name]
    return file === undefined ? '' : readFileSync(file, 'utf8')
  }
  return {
    server: cluster['server'] ?? '',
    ca: value(cluster, 'certificate-authority'),
    certificate: value(user, 'client-certificate'),
    key: value(user, 'client-key'),
  }
}
