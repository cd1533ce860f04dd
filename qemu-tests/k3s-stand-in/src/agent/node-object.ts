/** The Node that a kubelet would register. */

import { randomUUID } from 'node:crypto'
import { arch, cpus, hostname, release, totalmem } from 'node:os'
import { readIfPresent } from '../files.ts'
import type { ImageStore } from '../images/store.ts'
import { machinePath } from '../root.ts'
import type { KubeObject } from '../server/state.ts'
import { CONTAINERD_VERSION, K3S_VERSION } from '../version.ts'

export interface NodeDescription {
  readonly name: string
  readonly addresses: readonly string[]
  readonly externalAddresses: readonly string[]
  /** `key=value` and `key=value:effect`, as configured. */
  readonly labels: readonly string[]
  readonly taints: readonly string[]
  readonly isServer: boolean
  /** Name of the server's member of etcd; null without one. */
  readonly etcdMember: string | null
  readonly nodeArguments: readonly string[]
}

/** How many images a kubelet reports. */
const REPORTED_IMAGES = 50

/** Labels are brought up to date at each start; taints are set only when the node is new. */
export function nodeObject(
  description: NodeDescription,
  store: ImageStore,
  old: KubeObject | null,
): KubeObject {
  const { name, addresses, externalAddresses } = description
  const taints = old === null ? taintsOf(description.taints) : (old['spec'] as { taints?: unknown }).taints
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: old?.metadata['uid'] ?? randomUUID(),
      creationTimestamp: old?.metadata['creationTimestamp'] ?? now(),
      labels: { ...old?.metadata.labels, ...labelsOf(description) },
      annotations: {
        ...old?.metadata.annotations,
        'k3s.io/hostname': hostname(),
        'k3s.io/internal-ip': addresses.join(','),
        'k3s.io/node-args': JSON.stringify(description.nodeArguments),
        ...(description.etcdMember === null
          ? {}
          : {
              'etcd.k3s.cattle.io/node-name': description.etcdMember,
              'etcd.k3s.cattle.io/node-address': addresses[0] ?? '',
            }),
      },
    },
    spec: {
      podCIDR: '10.42.0.0/24',
      providerID: `k3s://${name}`,
      ...(taints === undefined ? {} : { taints }),
    },
    status: {
      addresses: [
        ...addresses.map((address) => ({ type: 'InternalIP', address })),
        ...externalAddresses.map((address) => ({ type: 'ExternalIP', address })),
        { type: 'Hostname', address: name },
      ],
      capacity: capacity(),
      allocatable: capacity(),
      conditions: conditions(description.etcdMember !== null),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      images: reportedImages(store),
      nodeInfo: nodeInfo(),
    },
  }
}

const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z')

function labelsOf({ name, labels, isServer, etcdMember }: NodeDescription): Record<string, string> {
  const architecture = goArchitecture()
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/instance-type': 'k3s',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': 'k3s',
    ...(isServer
      ? { 'node-role.kubernetes.io/control-plane': 'true', 'node-role.kubernetes.io/master': 'true' }
      : {}),
    ...(etcdMember === null ? {} : { 'node-role.kubernetes.io/etcd': 'true' }),
    ...Object.fromEntries(
      labels.map((label) => {
        const [key = '', ...value] = label.split('=')
        return [key, value.join('=')]
      }),
    ),
  }
}

function taintsOf(taints: readonly string[]): object[] | undefined {
  if (taints.length === 0) return undefined
  return taints.map((taint) => {
    const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(taint)
    if (match === null) throw new Error(`invalid taint spec: ${taint}`)
    const [, key = '', value, effect] = match
    return { key, ...(value === undefined || value === '' ? {} : { value }), effect }
  })
}

function conditions(votes: boolean): object[] {
  const entries = [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
    ...(votes
      ? [['EtcdIsVoter', 'True', 'MemberNotLearner', 'Node is a voting member of the etcd cluster'] as const]
      : []),
  ]
  return entries.map(([type, status, reason, message]) => ({
    type,
    status,
    lastHeartbeatTime: now(),
    lastTransitionTime: now(),
    reason,
    message,
  }))
}

/** Largest first, all names of an image together. */
function reportedImages(store: ImageStore): object[] {
  const byDigest = new Map<string, { names: string[]; sizeBytes: number }>()
  for (const { name, digest, size } of store.list()) {
    const image = byDigest.get(digest) ?? { names: [], sizeBytes: size }
    image.names.push(name)
    byDigest.set(digest, image)
  }
  const images = [...byDigest.values()].sort((left, right) => right.sizeBytes - left.sizeBytes)
  for (const { names } of images)
    names.sort((left, right) => Number(right.includes('@')) - Number(left.includes('@')))
  return images.slice(0, REPORTED_IMAGES)
}

function capacity(): object {
  return { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: '110' }
}

function nodeInfo(): object {
  const read = (path: string): string => (readIfPresent(machinePath(path)) ?? '').trim()
  const machineId = read('/etc/machine-id')
  return {
    architecture: goArchitecture(),
    bootID: read('/proc/sys/kernel/random/boot_id'),
    containerRuntimeVersion: `containerd://${CONTAINERD_VERSION}`,
    kernelVersion: release(),
    kubeProxyVersion: K3S_VERSION,
    kubeletVersion: K3S_VERSION,
    machineID: machineId,
    operatingSystem: 'linux',
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(read('/etc/os-release'))?.[1] ?? 'Linux',
    systemUUID: machineId,
  }
}

function goArchitecture(): string {
  return arch() === 'x64' ? 'amd64' : arch()
}
