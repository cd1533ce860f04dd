/** The few `kubectl` calls that a test of a node needs: `get --raw`, `get <resource>`, `delete node`. */

import { fetchBody } from '../agent/client.ts'
import { readKubeconfig } from '../kubeconfig.ts'
import { machinePath } from '../root.ts'
import { RESOURCES } from '../server/kube-paths.ts'
import type { KubeObject } from '../server/state.ts'

interface Options {
  kubeconfig: string
  raw: string
  output: string
  namespace: string
  readonly words: string[]
}

export async function runKubectl(commandLine: readonly string[]): Promise<void> {
  const options = parse(commandLine)
  const [verb = '', resource = '', name = ''] = options.words
  const { server, ...credentials } = readKubeconfig(options.kubeconfig)
  const get = (path: string, method = 'GET'): Promise<Buffer> =>
    fetchBody(`${server}${path}`, { ...credentials, method })
  if (verb === 'get' && options.raw !== '') {
    process.stdout.write(await get(options.raw))
  } else if (verb === 'get' && resource !== '') {
    show(
      JSON.parse((await get(pathOf(resource, name, options.namespace))).toString()) as Listed,
      options.output,
    )
  } else if (verb === 'delete' && resource !== '' && name !== '') {
    await get(pathOf(resource, name, options.namespace), 'DELETE')
    process.stdout.write(`${resource} "${name}" deleted\n`)
  } else {
    throw new Error(
      `the stand-in for k3s has "kubectl get" and "kubectl delete" only, not "kubectl ${options.words.join(' ')}"`,
    )
  }
}

type Listed = KubeObject & { readonly items?: readonly KubeObject[] }

const VALUES: Readonly<Record<string, keyof Omit<Options, 'words'>>> = {
  '--kubeconfig': 'kubeconfig',
  '--raw': 'raw',
  '-o': 'output',
  '--output': 'output',
  '-n': 'namespace',
  '--namespace': 'namespace',
}

function parse(commandLine: readonly string[]): Options {
  const options: Options = {
    kubeconfig: process.env['KUBECONFIG'] ?? machinePath('/etc/rancher/k3s/k3s.yaml'),
    raw: '',
    output: '',
    namespace: 'default',
    words: [],
  }
  for (let index = 0; index < commandLine.length; index++) {
    const argument = commandLine[index] ?? ''
    const equals = argument.indexOf('=')
    const flag = equals < 0 ? argument : argument.slice(0, equals)
    const key = VALUES[flag] ?? (/^-[on]/.test(argument) ? VALUES[argument.slice(0, 2)] : undefined)
    if (!argument.startsWith('-')) options.words.push(argument)
    else if (key === undefined) {
      if (
        !/^--(request-timeout|no-headers|all-namespaces|ignore-not-found)/.test(flag) &&
        argument !== '-A'
      ) {
        throw new Error(`unknown flag: ${flag}`)
      }
    } else if (VALUES[flag] === undefined) options[key] = argument.slice(2)
    else options[key] = equals < 0 ? (commandLine[++index] ?? '') : argument.slice(equals + 1)
  }
  return options
}

function pathOf(written: string, name: string, namespace: string): string {
  const wanted = written.toLowerCase()
  const [resource, known] =
    Object.entries(RESOURCES).find(
      ([plural, { kind }]) =>
        plural === wanted ||
        kind.toLowerCase() === wanted ||
        wanted === { nodes: 'no', namespaces: 'ns', pods: 'po', configmaps: 'cm' }[plural],
    ) ?? []
  if (resource === undefined || known === undefined) {
    throw new Error(`the server doesn't have a resource type "${written}"`)
  }
  const group = known.apiVersion === 'v1' ? '/api/v1' : `/apis/${known.apiVersion}`
  return `${group}${known.namespaced ? `/namespaces/${namespace}` : ''}/${resource}${name === '' ? '' : `/${name}`}`
}

function show(found: Listed, output: string): void {
  const items = found.items ?? [found]
  if (output === 'json') process.stdout.write(`${JSON.stringify(found, null, 4)}\n`)
  else if (output === 'name') {
    for (const item of items) process.stdout.write(`${item.kind.toLowerCase()}/${item.metadata.name}\n`)
  } else if (output === '' || output === 'wide') {
    process.stdout.write(found.kind.startsWith('Node') ? 'NAME STATUS ROLES VERSION\n' : 'NAME\n')
    for (const item of items) process.stdout.write(`${rowOf(item)}\n`)
  } else throw new Error(`the stand-in for k3s has no output format "${output}"; use json or name`)
}

interface NodeStatus {
  readonly conditions: readonly { readonly type: string; readonly status: string }[]
  readonly nodeInfo: { readonly kubeletVersion: string }
}

function rowOf(item: KubeObject): string {
  if (item.kind !== 'Node') return item.metadata.name
  const status = item['status'] as NodeStatus
  const ready = status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.keys(item.metadata.labels ?? {}).filter((label) => label.startsWith(prefix))
  const shown = roles.length === 0 ? '<none>' : roles.map((label) => label.slice(prefix.length)).join(',')
  return `${item.metadata.name} ${ready ? 'Ready' : 'NotReady'} ${shown} ${status.nodeInfo.kubeletVersion}`
}
