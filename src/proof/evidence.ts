import type { PhaseLine } from './channel/console-watch.ts'
import type { Facts } from './channel/report-protocol.ts'

/** The parts of a Kubernetes Node that a proof looks at. */
export interface NodeObject {
  readonly metadata?: {
    readonly name?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec?: {
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    /** Of the kernel that kubelet last reported from: /proc/sys/kernel/random/boot_id. */
    readonly nodeInfo?: { readonly bootID?: string }
  }
}

/** A file that k3s deploys: `checksum` is the sha256 of what it has applied, and empty before that. */
export interface AddOnObject {
  readonly name: string
  readonly checksum: string
}

/** A chart that k3s installs. Its values may be secrets, and are not kept. */
export interface ChartObject {
  readonly name: string
  /** Hex, of the packed chart; null where the object names a chart that is elsewhere. */
  readonly sha256: string | null
  /** Why k3s gave it up, in its own words; null where it did not. */
  readonly failed: string | null
}

/** What the cluster has been given to run, of the namespace `kube-system`. */
export interface WorkloadEvidence {
  readonly addOns: readonly AddOnObject[]
  readonly charts: readonly ChartObject[]
}

/** What the API of the cluster said to this host. */
export interface ApiEvidence {
  /** `/ping` without a client certificate, over TLS checked against the CA of the built kubeconfig; the body, or why not. */
  readonly ping: string
  /** HTTP status of `/api/v1/nodes/<name>` with the built kubeconfig's client certificate; null: no answer. */
  readonly nodeStatus: number | null
  readonly node: NodeObject | undefined
  /** Undefined where it was not asked for. */
  readonly workloads?: WorkloadEvidence
  /** Why there was no answer. */
  readonly error: string | null
}

/** Everything seen of one start of one node. */
export interface BootEvidence {
  /** 1 for the first boot. */
  readonly boot: number
  /** The guest's last answer; undefined when it never answered. */
  readonly facts: Facts | undefined
  readonly api: ApiEvidence | undefined
  /** Boot ids the guest reported during this one power-on. */
  readonly bootIds: readonly string[]
  readonly phases: readonly PhaseLine[]
  /** Milliseconds from power-on until k3s served and the node was Ready; null when it never was. */
  readonly healthyMs: number | null
  /** Processor time of the guest until then, and until the launcher became k3s; null where unknown. */
  readonly healthyUsedMs: number | null
  readonly execUsedMs: number | null
  /** True when the machine ended by itself after it was asked to. */
  readonly poweredOff: boolean
  /** Why the boot was given up, in words; null when it became healthy. */
  readonly gaveUp: string | null
  /** The last lines of its console. */
  readonly consoleTail: readonly string[]
}

/** What can be seen while the machine is on. */
export type RunningEvidence = Omit<BootEvidence, 'poweredOff' | 'consoleTail'>

/**
 * Ready, and said so since the machine was switched on: until kubelet reports again, or 40 s have passed, the API shows
 * what it said before the machine went off (Kubernetes, --node-monitor-grace-period).
 */
export const isReady = (node: NodeObject | undefined, bootId: string | undefined): boolean =>
  bootId !== undefined && node?.status?.nodeInfo?.bootID === bootId && isSaidReady(node)

const isSaidReady = (node: NodeObject): boolean =>
  node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
