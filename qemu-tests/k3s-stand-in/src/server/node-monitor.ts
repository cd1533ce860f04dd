/** Ready or not: a node that has not been heard of for a while is `Unknown`. */

import type { KubeObject } from './state.ts'

/** Kubernetes' `node-monitor-grace-period`. */
const GRACE_MS = 50_000

interface Condition {
  readonly type: string
  readonly [key: string]: unknown
}

export class NodeMonitor {
  readonly #heard = new Map<string, number>()
  readonly #tell: (node: string) => void

  /** `tell`: the other servers, which each hear only of some nodes. */
  constructor(tell: (node: string) => void = () => undefined) {
    this.#tell = tell
  }

  /** A node has called here. */
  beat(node: string): void {
    this.hear(node)
    this.#tell(node)
  }

  /** Another server has heard of it. */
  hear(node: string): void {
    this.#heard.set(node, Date.now())
  }

  /** The node as it stands now. */
  withConditions(node: KubeObject): KubeObject {
    const status = node['status'] as { readonly conditions?: readonly Condition[] }
    const heard = this.#heard.get(node.metadata.name) ?? 0
    if (Date.now() - heard < GRACE_MS) return node
    const conditions = (status.conditions ?? []).map((condition) => ({
      ...condition,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    }))
    return { ...node, status: { ...status, conditions } }
  }
}
