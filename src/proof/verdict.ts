import type { Architecture, Role } from '../plan/build-plan.ts'
import type { AcceleratorName } from './qemu/machine-model.ts'

/** One assertion about one boot, or about all of them together. */
export interface Check {
  /** Stable, for machines and for people: `data-fills-disk`. */
  readonly name: string
  /** 0: compares boots. */
  readonly boot: number
  readonly passed: boolean
  readonly expected: string
  readonly actual: string
}

export interface BootTimes {
  readonly boot: number
  /** Seconds from the kernel's start to `exec k3s`; null when it never came to it. */
  readonly execSeconds: number | null
  /** Seconds from power-on to a served API and a Ready node. */
  readonly healthySeconds: number | null
}

export interface NodeVerdict {
  readonly node: string
  readonly role: Role
  readonly architecture: Architecture
  readonly passed: boolean
  readonly accelerator: AcceleratorName
  readonly checks: readonly Check[]
  readonly boots: readonly BootTimes[]
  readonly consoleLog: string
  readonly factsFile: string
  /** The last lines of the console, for a verdict that failed. */
  readonly consoleTail: readonly string[]
}

export interface Verdict {
  readonly cluster: string
  readonly k3sVersion: string
  readonly passed: boolean
  /** Which accelerator was taken for each architecture, and why. */
  readonly accelerators: Readonly<
    Partial<Record<Architecture, { readonly name: AcceleratorName; readonly reason: string }>>
  >
  readonly seconds: number
  readonly nodes: readonly NodeVerdict[]
}

export const failedChecks = (node: NodeVerdict): readonly Check[] =>
  node.checks.filter(({ passed }) => !passed)
