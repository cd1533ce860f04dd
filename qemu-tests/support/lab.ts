import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeHost } from '../../src/host/node-host.ts'
import type { Facts } from '../../src/proof/channel/report-protocol.ts'
import type { RunningEvidence } from '../../src/proof/evidence.ts'
import { parseKubeconfig } from '../../src/proof/kubeconfig.ts'
import type { Lab, LabNode } from '../../src/proof/lab.ts'
import { openLab } from '../../src/proof/lab.ts'
import type { Machine } from '../../src/proof/qemu/machine.ts'
import { patienceOf, watchBoot } from '../../src/proof/watch-boot.ts'
import { planOf } from './proof.ts'
import type { Workspace } from './workspace.ts'

/** A machine that a case has switched on. */
export interface Running {
  readonly labNode: LabNode
  readonly machine: Machine
}

/** All nodes of a workspace, off. `imageDirectory`: where the images are, when not where they were built. */
export const openWorkspaceLab = async (
  host: NodeHost,
  workspace: Workspace,
  imageDirectory = workspace.imageDirectory,
): Promise<Lab> => {
  const { plan, models } = await planOf(host, workspace)
  return openLab(host, plan, { imageDirectory, nodes: plan.nodes, models, accelerator: 'auto' })
}

export const switchOn = async (lab: Lab, name: string): Promise<Running> => {
  const labNode = lab.nodes.find(({ node }) => node.name === name)
  if (labNode === undefined) throw new Error(`no machine ${name}`)
  return { labNode, machine: await labNode.powerOn() }
}

export const switchOff = async (running: readonly Running[]): Promise<void> => {
  await Promise.all(running.map(({ machine }) => machine.powerOff(patienceOf.tcg.powerOffMs)))
}

/** Waits until the node is Ready in the API of the server at this address; throws with its console when it is not. */
export const untilReady = async (
  host: NodeHost,
  lab: Lab,
  imageDirectory: string,
  { labNode, machine }: Running,
  serverAddress: string,
): Promise<RunningEvidence> => {
  const { node, accelerator } = labNode
  const kubeconfig = parseKubeconfig(await readFile(join(imageDirectory, 'kubeconfig'), 'utf8'))
  const api = { kubeconfig, localPort: () => lab.forward(serverAddress, kubeconfig.port) }
  // What starts beside k3s is not waited for: these cases look at who may join.
  const patience = { ...patienceOf[accelerator.name], settleMs: 0, deployMs: 0 }
  const seen = await watchBoot(host, machine, node, 1, api, patience)
  if (seen.gaveUp !== null) throw new Error([seen.gaveUp, ...machine.console.tail(40)].join('\n'))
  return seen
}

/** A busy host makes an emulated guest slow to answer; the question stands, and is waited for anew. */
const answers = 5

export const factsOf = async ({ machine, labNode }: Running): Promise<Facts> => {
  for (let waited = 0; waited < answers; waited += 1) {
    const facts = await machine.report.collect(patienceOf[labNode.accelerator.name].answerMs)
    if (facts !== undefined) return facts
  }
  throw new Error([`${labNode.node.name} does not answer`, ...machine.console.tail(40)].join('\n'))
}

export const statusIn = (facts: Facts): Readonly<Record<string, string>> =>
  JSON.parse(facts.get('status-json') ?? '{}') as Record<string, string>

/** Waits for a line of `appliance` on the console; its text and when it came. */
export const untilSaid = async (
  { machine, labNode }: Running,
  what: RegExp,
  timeoutMs: number,
): Promise<{ readonly text: string; readonly atMs: number }> => {
  for (const end = performance.now() + timeoutMs; performance.now() < end; ) {
    const found = machine.console.phases().find(({ text }) => what.test(text))
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error([`${labNode.node.name} never said ${what}`, ...machine.console.tail(40)].join('\n'))
}
