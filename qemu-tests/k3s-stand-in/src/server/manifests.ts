/** `manifests/`: each file becomes an AddOn, and some kinds of objects in it become objects of the API. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { log, messageOf } from '../log.ts'
import { RESOURCES } from './kube-paths.ts'
import type { KubeObject, State } from './state.ts'

const SCAN_INTERVAL_MS = 15_000
/** Kinds that this API keeps from manifests. */
const APPLIED: readonly string[] = [
  'Secret',
  'ConfigMap',
  'ServiceAccount',
  'NetworkPolicy',
  'ClusterRoleBinding',
  'Deployment',
  'HelmChart',
  'HelmChartConfig',
]
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** Applies what is there and goes on looking. `disabled` names are deleted instead. */
export async function watchManifests(
  directory: string,
  disabled: readonly string[],
  state: State,
): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  let busy = false
  const scan = async (): Promise<void> => {
    if (busy) return
    busy = true
    await applyManifests(directory, disabled, state)
    busy = false
  }
  setInterval(() => void scan(), SCAN_INTERVAL_MS).unref()
  await scan()
}

async function applyManifests(directory: string, disabled: readonly string[], state: State): Promise<void> {
  for (const path of manifestFiles(directory)) {
    const name = basename(path).split('.')[0] ?? ''
    try {
      if (disabled.includes(name)) {
        rmSync(path)
        await state.delete('kube-system/addons', name)
        continue
      }
      if (existsSync(`${path}.skip`)) continue
      if (!DNS_NAME.test(name))
        throw new Error(`metadata.name: Invalid value: "${name}": must be a lowercase RFC 1123 name`)
      await applyFile(path, name, state)
    } catch (error) {
      log.error(`Failed to process config: failed to process ${path}: ${messageOf(error)}`)
    }
  }
}

async function applyFile(path: string, name: string, state: State): Promise<void> {
  const bytes = readFileSync(path)
  const checksum = createHash('sha256').update(bytes).digest('hex')
  const known = state.get('kube-system/addons', name)?.['spec'] as { checksum?: string } | undefined
  if (known?.checksum === checksum) return
  log.info(`Applying manifest for addon kube-system/${name}: ${path}`)
  for (const document of parseAllDocuments(bytes.toString())) {
    if ('errors' in document && document.errors[0] !== undefined) throw document.errors[0]
    const value = document.toJS() as KubeObject | null
    if (value === null) continue
    const [resource, known] = Object.entries(RESOURCES).find(([, { kind }]) => kind === value.kind) ?? []
    if (resource === undefined || known === undefined || !APPLIED.includes(value.kind)) continue
    const namespace = value.metadata.namespace ?? 'default'
    await state.put(known.namespaced ? `${namespace}/${resource}` : resource, withStringData(value))
  }
  await state.put('kube-system/addons', {
    apiVersion: 'k3s.cattle.io/v1',
    kind: 'Addon',
    metadata: { name, namespace: 'kube-system' },
    spec: { source: path, checksum },
  })
}

/** The API encodes `stringData` into `data`. */
function withStringData({ stringData, ...value }: KubeObject): KubeObject {
  if (stringData === undefined) return value as KubeObject
  const encoded = Object.entries(stringData as Record<string, string>).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ])
  return { ...value, data: { ...(value['data'] as object), ...Object.fromEntries(encoded) } } as KubeObject
}

function manifestFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => !entry.isDirectory() && !entry.name.startsWith('.') && /\.(ya?ml|json)$/.test(entry.name),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
