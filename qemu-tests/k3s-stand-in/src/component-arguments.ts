/** `kubelet-arg` and its like: what the components of Kubernetes end with when they are given a flag that they do not have. */

import table from '../../../images/k3s/flags.json' with { type: 'json' }
import { K3S_VERSION } from './version.ts'

/** As k3s names what it runs, in the message with which one ends. */
const EXITED = {
  'kube-apiserver': 'apiserver exited: ',
  'kube-controller-manager': 'controller-manager exited: ',
  'kube-scheduler': 'scheduler exited: ',
  'kube-proxy': 'kube-proxy exited: ',
  kubelet: 'kubelet exited: failed to parse kubelet flag: ',
} as const

export type Component = keyof typeof EXITED

/** In the order in which k3s starts them. */
export const SERVER_COMPONENTS: readonly Component[] = [
  'kube-apiserver',
  'kube-scheduler',
  'kube-controller-manager',
]
export const NODE_COMPONENTS: readonly Component[] = ['kubelet', 'kube-proxy']

/** k3s's own form: without dashes, `+` or `-` behind the name adds to its own value, and no value means `true`. */
export function parseArgument(argument: string): { readonly name: string; readonly value: string } {
  const [name = '', ...value] = argument.replace(/^--/, '').split('=')
  return { name: name.replace(/[-+]+$/, ''), value: value.length === 0 ? 'true' : value.join('=') }
}

/** `number 26-30`: known from 1.26 until before 1.30. Undefined where the release does not know the flag. */
function typeOf(flags: Readonly<Record<string, string>>, name: string): string | undefined {
  const [type, span = ''] = (flags[name.replaceAll('_', '-')] ?? '').split(' ')
  const [since = '', removed = ''] = span.split('-')
  const minor = Number(K3S_VERSION.split('.')[1])
  const isThere = (since === '' || minor >= Number(since)) && (removed === '' || minor < Number(removed))
  return isThere && type !== '' ? type : undefined
}

/** The words of spf13/pflag, which all of them read their flags with. */
function faultOf(type: string | undefined, name: string, value: string): string | undefined {
  if (type === undefined) return `unknown flag: --${name}`
  const invalid = `invalid argument "${value}" for "--${name}" flag: `
  if (type === 'boolean' && !/^(1|0|[tTfF]|true|TRUE|True|false|FALSE|False)$/.test(value))
    return `${invalid}strconv.ParseBool: parsing "${value}": invalid syntax`
  if (type === 'number' && !/^-?\d+(\.\d+)?$/.test(value))
    return `${invalid}strconv.ParseInt: parsing "${value}": invalid syntax`
  return undefined
}

/** Throws what k3s ends with. etcd is not among them: k3s writes its arguments into a file, of which etcd takes what it knows. */
export function checkComponentArguments(component: Component, list: readonly string[]): void {
  const { flags } = table.components[component]
  for (const argument of list) {
    const { name, value } = parseArgument(argument)
    const fault = faultOf(typeOf(flags, name), name, value)
    if (fault !== undefined) throw new Error(`${EXITED[component]}${fault}`)
  }
}
