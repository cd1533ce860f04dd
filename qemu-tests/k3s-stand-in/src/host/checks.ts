/** The reasons for which k3s does not run on a machine, with its own words where it has any. */

import { readIfPresent } from '../files.ts'
import { log } from '../log.ts'
import { machinePath } from '../root.ts'
import {
  addPacketChain,
  fileSystemOf,
  hasModule,
  isInPath,
  loadModule,
  readSysctl,
  writeSysctl,
} from './facts.ts'
import { findDefaultRoutes } from './network.ts'

/** 1980-01-01T00:00:00Z, seconds. */
const EARLIEST_CLOCK = 315_532_800

export function checkClock(now = new Date()): void {
  if (now.getTime() / 1000 < EARLIEST_CLOCK) {
    throw new Error(`server time isn't set properly: ${now.toISOString()}`)
  }
}

/** Unified hierarchy: cpu, cpuset and memory must be at the root. Older one: memory. */
export function checkControlGroups(): void {
  const unified = readIfPresent(machinePath('/sys/fs/cgroup/cgroup.controllers'))
  if (unified !== null) {
    const controllers = unified.trim().split(/\s+/)
    for (const controller of ['cpu', 'cpuset', 'memory']) {
      if (!controllers.includes(controller)) throw new Error(`failed to find ${controller} cgroup (v2)`)
    }
    return
  }
  const enabled = (readIfPresent(machinePath('/proc/cgroups')) ?? '')
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields[3] === '1')
    .map((fields) => fields[0])
  if (!enabled.includes('memory')) {
    const text =
      'ailed to find memory cgroup, you may need to add "cgroup_memory=1 cgroup_enable=memory" to your linux cmdline (/boot/cmdline.txt on a Raspberry Pi)'
    log.error(`F${text}`)
    throw new Error(`f${text}`)
  }
}

/** Loads the modules and sets the kernel parameters that k3s loads and sets. */
export function prepareKernel(): void {
  for (const name of ['overlay', 'nf_conntrack', 'br_netfilter', 'iptable_nat', 'iptable_filter'])
    loadModule(name)
  writeSysctl('net/ipv4/conf/all/forwarding', '1')
  writeSysctl('net/ipv4/conf/default/forwarding', '1')
  writeSysctl('net/bridge/bridge-nf-call-iptables', '1')
}

/** What containerd would refuse: no overlay file system over this folder, AppArmor without its parser. */
export function checkContainerRuntime(containerdFolder: string, snapshotter: string): void {
  if (snapshotter === 'overlayfs') {
    const kind = fileSystemOf(containerdFolder)
    const reason = kind !== '' ? `invalid argument (${kind})` : hasModule('overlay') ? null : 'no such device'
    if (reason !== null) {
      throw new Error(
        `"overlayfs" snapshotter cannot be enabled for "${containerdFolder}", try using "fuse-overlayfs" or "native": failed to mount overlay: ${reason}`,
      )
    }
  }
  const appArmor = readIfPresent(machinePath('/sys/module/apparmor/parameters/enabled'))?.trim()
  if (appArmor === 'Y' && !isInPath('apparmor_parser')) {
    throw new Error(
      'AppArmor is enabled in the kernel but containers cannot be started: exec: "apparmor_parser": executable file not found in $PATH',
    )
  }
}

/** What kube-proxy would refuse; on a machine of its own, the first of its chains. */
export function checkKubeProxy(): void {
  if (!hasModule('nf_conntrack')) {
    throw new Error('open /proc/sys/net/netfilter/nf_conntrack_max: no such file or directory')
  }
  addPacketChain('nat', 'KUBE-SERVICES')
}

/** What flannel would refuse. */
export function checkNetwork(backend: string, flannelInterface: string): void {
  if (backend === 'none') return
  if (flannelInterface === '' && findDefaultRoutes().length === 0) {
    throw new Error('failed to get default interface: unable to find default route')
  }
  if (!hasModule('br_netfilter')) {
    throw new Error(
      'Failed to check br_netfilter: stat /proc/sys/net/bridge/bridge-nf-call-iptables: no such file or directory',
    )
  }
  if (backend === 'vxlan') {
    loadModule('vxlan')
    if (!hasModule('vxlan'))
      throw new Error('failed to create vxlan device flannel.1: operation not supported')
  }
}

const PROTECTED_SYSCTLS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
}

/** With `protect-kernel-defaults` the kubelet changes nothing and exits when a value differs. */
export function checkKernelDefaults(): void {
  for (const [name, expected] of Object.entries(PROTECTED_SYSCTLS)) {
    const actual = readSysctl(name)
    if (actual !== null && actual !== expected) {
      throw new Error(`invalid kernel flag: ${name}, expected value: ${expected}, actual value: ${actual}`)
    }
  }
}

/** Keys of the reserved domains that a kubelet may set on its own node. */
const ALLOWED_LABELS = [
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
]
const ALLOWED_PREFIXES = ['kubelet.kubernetes.io', 'node.kubernetes.io']

export function checkLabels(labels: readonly string[]): void {
  const unknown = labels
    .map((label) => label.split('=')[0] ?? '')
    .filter((key) => {
      const [domain = ''] = key.includes('/') ? key.split('/') : ['']
      const reserved = /(^|\.)(kubernetes|k8s)\.io$/.test(domain)
      const allowed = ALLOWED_PREFIXES.some((prefix) => domain === prefix || domain.endsWith(`.${prefix}`))
      return reserved && !allowed && !ALLOWED_LABELS.includes(key)
    })
  if (unknown.length === 0) return
  throw new Error(
    `failed to validate kubelet flags: unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${unknown.sort().join(' ')}]\n` +
      `--node-labels in the 'kubernetes.io' namespace must begin with an allowed prefix (${ALLOWED_PREFIXES.join(', ')}) or be in the specifically allowed set (${ALLOWED_LABELS.join(', ')})`,
  )
}
