import type { NodeRoot, Shell } from './node-root.ts'
import { createNodeRoot, writePayload, writeSeed } from './node-root.ts'

export const launcher = 'usr/lib/appliance/launcher'
export const images = 'var/lib/rancher/k3s/agent/images'
export const manifests = 'var/lib/rancher/k3s/server/manifests'

/** What its payload holds beside k3s. */
export const archives = { 'images/a.tar.zst': 'archive a', 'manifests/one.yaml': 'kind: One\n' }

/** The one file of its seed. */
export const config = {
  kind: 'plain',
  mode: '0600',
  target: '/var/lib/appliance/k3s-config.yaml',
  content: 'node-name: edge-1\n',
} as const

/** A server with seed and payload, before its first start. */
export const createPreparedNode = (shell: Shell): NodeRoot => {
  const root = createNodeRoot(shell)
  writeSeed(root, [config])
  writePayload(root, archives)
  return root
}

export const statusOf = (root: NodeRoot): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (root.read('run/appliance/status') ?? '')
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
