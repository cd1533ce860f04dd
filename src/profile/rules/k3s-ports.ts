import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { parseAddress } from '../ip-address.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import type { K3sSettings } from './k3s-pairs.ts'
import { everySettings, onceEach } from './k3s-pairs.ts'

/** Ports that a server uses for something else than the API (docs.k3s.io/installation/requirements). */
const takenPorts: Readonly<Record<number, string>> = {
  22: 'ssh',
  2379: 'etcd',
  2380: 'etcd',
  2381: 'the metrics of etcd',
  2382: 'etcd',
  5001: 'the embedded registry',
  10010: 'containerd',
  10248: 'the kubelet',
  10249: 'kube-proxy',
  10250: 'the kubelet',
  10256: 'kube-proxy',
  10257: 'kube-controller-manager',
  10258: 'the cloud controller manager',
  10259: 'kube-scheduler',
}

const apiPort = (settings: K3sSettings): number => Number(settings.get('https-listen-port')?.value ?? 6443)

/** ServiceLB leads every packet to these ports to Traefik, before any program of the machine sees it. */
const takesWebPorts = ({ profile }: RuleContext): boolean => {
  const disabled = profile.cluster.k3s.disable ?? []
  return !disabled.includes('traefik') && !disabled.includes('servicelb')
}

const portFaults = (context: RuleContext, settings: K3sSettings): readonly Diagnostic[] =>
  (['https-listen-port', 'lb-server-port'] as const).flatMap((name) => {
    const written = settings.get(name)
    if (written === undefined) return []
    const port = Number(written.value)
    const web = name === 'https-listen-port' && [80, 443].includes(port) && takesWebPorts(context)
    const api = name === 'lb-server-port' && port === apiPort(settings)
    const user = web ? 'Traefik' : api ? 'the API' : takenPorts[port]
    if (user === undefined) return []
    return [
      faultAt(context, 'R0322', written.path, `port ${port} is that of ${user}`, {
        help: web ? 'use another one, or add `traefik` to `cluster.k3s.disable`' : 'use another one',
      }),
    ]
  })

/** kube-proxy takes a NodePort from whoever listens there. */
const nodePorts = (context: RuleContext, settings: K3sSettings): readonly Diagnostic[] => {
  const written = settings.get('service-node-port-range')
  const match = /^(\d+)-(\d+)$/.exec(String(written?.value))
  if (written === undefined || match === null) return []
  const [from, to] = [Number(match[1]), Number(match[2])]
  const taken = Object.entries({ ...takenPorts, [apiPort(settings)]: 'the API' }).filter(
    ([port]) => Number(port) >= from && Number(port) <= to,
  )
  const [first] = taken
  if (first === undefined) return []
  const others = taken.length > 1 ? ` and ${taken.length - 1} more` : ''
  return [
    faultAt(
      context,
      'R0336',
      written.path,
      `Services could take the port ${first[0]} of ${first[1]}${others}`,
      {
        severity: 'warning',
        help: 'keep the range apart from ports of the node, as `30000-32767` is',
      },
    ),
  ]
}

const isLoopback = (text: string): boolean => {
  const address = parseAddress(text)
  if (address === undefined) return false
  return address.family === 4 ? address.value >> 24n === 127n : address.value === 1n
}

/** k3s then listens to nobody but its own machine: neither joining nodes nor the kubeconfig reach it. */
const listensInside = (context: RuleContext, settings: K3sSettings): readonly Diagnostic[] => {
  const written = settings.get('bind-address')
  if (typeof written?.value !== 'string' || !isLoopback(written.value)) return []
  return [
    faultAt(context, 'R0340', written.path, `at \`${written.value}\` no other machine reaches k3s`, {
      help: 'remove it, or name an address of the network',
    }),
  ]
}

/** Where k3s and its Services listen, in what each kind of node gets. */
export const k3sPorts: Rule = (context) =>
  onceEach(
    everySettings(context).flatMap((settings) => [
      ...portFaults(context, settings),
      ...nodePorts(context, settings),
      ...listensInside(context, settings),
    ]),
  )
