import { Cancelled, EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { Task } from '../host/reporter.ts'
import type { BuildPlan, NodePlan } from '../plan/build-plan.ts'
import { reachableAddress } from './address.ts'
import { execSeconds, shownFaster } from './checks/boot-comparison.ts'
import type { BootEvidence, RunningEvidence } from './evidence.ts'
import { judgeNode } from './judge.ts'
import type { Kubeconfig } from './kubeconfig.ts'
import { parseKubeconfig } from './kubeconfig.ts'
import type { Lab, LabNode, LabOptions } from './lab.ts'
import { openLab } from './lab.ts'
import type { Machine } from './qemu/machine.ts'
import type { NodeVerdict, Verdict } from './verdict.ts'
import type { ApiAccess } from './watch-boot.ts'
import { patienceFor, watchBoot } from './watch-boot.ts'

export interface ProofOptions extends Omit<LabOptions, 'nodes'> {
  /** Only this node, and the first server for an agent; undefined: all. */
  readonly node: string | undefined
  /** Starts of each node, one after another; at least two, which are compared. */
  readonly boots: number
}

/** Boots beyond those asked for, to tell a node whose later boots are slow from a host that was busy during one. */
const boundOfExtraBoots = 2

/** Lines of the console in a verdict that failed. */
const tailLines = 40

/** The nodes to boot: an agent has nothing to join without the first server. */
export const nodesToBoot = (plan: BuildPlan, only: string | undefined): readonly NodePlan[] => {
  const servers = plan.nodes.filter(({ role }) => role === 'server')
  const ordered = [...servers, ...plan.nodes.filter(({ role }) => role === 'agent')]
  return only === undefined ? ordered : ordered.filter(({ first, name }) => first || name === only)
}

const readKubeconfig = async (host: Host, directory: string): Promise<Kubeconfig> => {
  const text = await host.files.readText(`${directory}/kubeconfig`)
  if (text === undefined) {
    throw new EnvironmentFault(
      `no kubeconfig in ${directory}`,
      'Build the images of this profile first, with the same -o: appliance build',
    )
  }
  return parseKubeconfig(text)
}

interface Running {
  readonly labNode: LabNode
  readonly machine: Machine
  readonly task: Task
}

/** One start of all nodes: power on, wait for health, power off. */
const bootAll = async (
  host: Host,
  lab: Lab,
  kubeconfig: Kubeconfig,
  boot: number,
  boots: number,
): Promise<readonly BootEvidence[]> => {
  const running: Running[] = []
  for (const labNode of lab.nodes) {
    const { node } = labNode
    const task = host.report.task(`${node.name}: boot ${boot} of ${boots}`)
    const machine = await labNode.powerOn((phase) => task.progress(0, phase.text))
    running.push({ labNode, machine, task })
  }
  const server = running.find(({ labNode }) => labNode.node.first)
  let serverFailed = false

  const api = ((): ApiAccess | undefined => {
    if (!lab.linked || server === undefined) return undefined
    return {
      kubeconfig,
      localPort: async () => {
        const { node } = server.labNode
        const planned = reachableAddress(node, undefined, lab.network.ipv4)
        const address = planned ?? reachableAddress(node, server.machine.report.lastFacts(), lab.network.ipv4)
        return address === undefined
          ? undefined
          : lab.forward(address, node.expect.apiPort ?? kubeconfig.port)
      },
    }
  })()
  const watch = async ({ labNode, machine, task }: Running): Promise<RunningEvidence> => {
    const { node } = labNode
    const seen = await watchBoot(host, machine, node, boot, api, patienceFor(machine.spec), () =>
      serverFailed && !node.first ? 'the first server did not become healthy' : undefined,
    ).catch((fault: unknown) => {
      task.fail()
      throw fault
    })
    if (node.first && seen.gaveUp !== null) serverFailed = true
    if (seen.gaveUp === null) task.progress(0, `healthy after ${((seen.healthyMs ?? 0) / 1000).toFixed(0)} s`)
    return seen
  }
  const seen = await Promise.all(running.map(watch))
  return Promise.all(
    running.map(async ({ machine, task }, at) => {
      const part = seen[at]
      if (part === undefined) throw new RangeError('a boot without evidence')
      const poweredOff = await machine.powerOff(patienceFor(machine.spec).powerOffMs)
      if (part.gaveUp !== null) task.fail(part.gaveUp)
      else task.done(`healthy after ${((part.healthyMs ?? 0) / 1000).toFixed(0)} s`)
      return { ...part, poweredOff, consoleTail: machine.console.tail(tailLines) }
    }),
  )
}

const writeFacts = async (host: Host, labNode: LabNode, boots: readonly BootEvidence[]): Promise<string> => {
  const path = `${labNode.keptDirectory}/facts.json`
  const content = boots.map(({ facts, ...boot }) => ({ ...boot, facts: Object.fromEntries(facts ?? []) }))
  await host.files.writeAtomic(path, `${JSON.stringify(content, null, 2)}\n`)
  return path
}

const verdictOf = async (
  host: Host,
  plan: BuildPlan,
  lab: Lab,
  labNode: LabNode,
  boots: readonly BootEvidence[],
): Promise<NodeVerdict> => {
  const { node, diskBytes, accelerator, consoleLog } = labNode
  const factsFile = await writeFacts(host, labNode, boots)
  const checks = judgeNode(
    { node, k3sVersion: plan.k3sVersion, epoch: plan.epoch, diskBytes, reachable: lab.linked },
    boots,
  )
  const passed = checks.every((check) => check.passed)
  return {
    node: node.name,
    role: node.role,
    architecture: node.architecture,
    passed,
    accelerator: accelerator.name,
    checks,
    boots: boots.map((boot) => ({
      boot: boot.boot,
      execSeconds: execSeconds(boot),
      healthySeconds: boot.healthyMs === null ? null : boot.healthyMs / 1000,
    })),
    consoleLog,
    factsFile,
    consoleTail: passed
      ? []
      : ((boots.find(({ gaveUp }) => gaveUp !== null) ?? boots.at(-1))?.consoleTail ?? []),
  }
}

export interface Proof {
  readonly verdict: Verdict
  /** By node name, one entry a boot; for cases that assert more than a verdict does. */
  readonly evidence: ReadonlyMap<string, readonly BootEvidence[]>
}

/** Boots the images of a cluster as often as asked and judges what was seen. Builds nothing. */
export const proveCluster = async (host: Host, plan: BuildPlan, options: ProofOptions): Promise<Proof> => {
  const startedAt = performance.now()
  const nodes = nodesToBoot(plan, options.node)
  const lab = await openLab(host, plan, { ...options, nodes })
  try {
    for (const [architecture, { name, reason }] of Object.entries(lab.accelerators)) {
      host.report.info(`${architecture} machines run under ${name.toUpperCase()}: ${reason}`)
    }
    const kubeconfig = await readKubeconfig(host, options.imageDirectory)
    const evidence = new Map<string, BootEvidence[]>(nodes.map(({ name }) => [name, []]))
    let boots = options.boots
    for (let boot = 1; boot <= boots; boot += 1) {
      const seen = await bootAll(host, lab, kubeconfig, boot, boots)
      for (const [at, one] of seen.entries()) evidence.get(nodes[at]?.name ?? '')?.push(one)
      // What did not come up once says nothing new the second time.
      if (seen.some(({ gaveUp }) => gaveUp !== null)) break
      const doubtful = [...evidence.values()].some((soFar) => !shownFaster(soFar))
      if (boot === boots && doubtful && boots < options.boots + boundOfExtraBoots) {
        host.report.info(
          'no later boot was faster than the first; one more, to see whether the host was busy',
        )
        boots += 1
      }
    }
    if (host.signal.aborted) throw new Cancelled('cancelled')
    const verdicts: NodeVerdict[] = []
    for (const labNode of lab.nodes) {
      verdicts.push(await verdictOf(host, plan, lab, labNode, evidence.get(labNode.node.name) ?? []))
    }
    const verdict: Verdict = {
      cluster: plan.cluster,
      k3sVersion: plan.k3sVersion,
      passed: verdicts.every(({ passed }) => passed),
      accelerators: lab.accelerators,
      seconds: (performance.now() - startedAt) / 1000,
      nodes: verdicts,
    }
    return { verdict, evidence }
  } finally {
    await lab.close()
  }
}
