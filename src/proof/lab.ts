import { resolve } from 'node:path'
import { EnvironmentFault, StepFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { Architecture, BuildPlan, NodePlan } from '../plan/build-plan.ts'
import type { PhaseLine } from './channel/console-watch.ts'
import type { Accelerator, AcceleratorWish } from './qemu/accelerator.ts'
import { chooseAccelerator } from './qemu/accelerator.ts'
import { prepareDirectStart } from './qemu/direct-start.ts'
import { prepareFirmware } from './qemu/firmware.ts'
import type { Machine } from './qemu/machine.ts'
import { powerOn } from './qemu/machine.ts'
import type { MachineModel } from './qemu/machine-model.ts'
import { isRaspberryPi, playedBoard, qemuPrograms } from './qemu/machine-model.ts'
import type { MachineSpec } from './qemu/machine-spec.ts'
import { startSite } from './qemu/site.ts'
import type { HostService, SiteNetwork } from './qemu/site-network.ts'
import { macAddress, siteNetwork } from './qemu/site-network.ts'

export interface LabOptions {
  /** Folder with the images, `out/<cluster>`. */
  readonly imageDirectory: string
  /** Names of the nodes to boot; the first server comes along with an agent. */
  readonly nodes: readonly NodePlan[]
  /** By board name. */
  readonly models: Readonly<Record<string, MachineModel>>
  readonly accelerator: AcceleratorWish
  /** False: every network cable is unplugged. */
  readonly link?: boolean
  /** What the hardware clocks say at power-on, `1970-01-01T00:00:00`. */
  readonly clockBase?: string
  /** Of each machine. */
  readonly processors?: number
  /** Changes the copies that a machine starts from, where an emulator lacks what a real board has. Default: nothing. */
  readonly alterStart?: (start: MachineSpec['start']) => Promise<void>
  /** Services of this host that machines reach at addresses of the site. Default: none. */
  readonly hostServices?: readonly HostService[]
}

/** A node with its disk, its firmware and its place on the network; off. */
export interface LabNode {
  readonly node: NodePlan
  readonly diskBytes: number
  readonly accelerator: Accelerator
  /** `out/<cluster>/test/<node>`: what is kept. */
  readonly keptDirectory: string
  readonly consoleLog: string
  readonly powerOn: (onPhase?: (phase: PhaseLine) => void) => Promise<Machine>
}

/** Machines and network of one run, made from the built images, which are only read. */
export interface Lab {
  readonly nodes: readonly LabNode[]
  readonly accelerators: Readonly<Partial<Record<Architecture, Accelerator>>>
  readonly linked: boolean
  readonly network: SiteNetwork
  /** A local port that leads to a port of a node. */
  readonly forward: (address: string, port: number) => Promise<number>
  /** How far the time that the site's router tells (NTP) is ahead of this host's, in seconds; null: it tells none. */
  readonly setTimeAhead: (seconds: number | null) => void
  readonly close: () => Promise<void>
}

/** Room for `data` beyond the image: what a growing file system must show, and enough for k3s and its images. */
const grownBytes = 8 * 1024 ** 3
/** k3s with its API wants 2 GiB and is killed by memory pressure now and then with no more; agents want less. */
const memoryMiB = { server: 3072, agent: 2048 } as const
const usualProcessors = 2

const modelOf = (options: LabOptions, node: NodePlan): MachineModel => {
  const model = options.models[node.board]
  if (model === undefined) throw new TypeError(`no machine for board ${node.board}`)
  return model
}

/** The image of a node: as it is, or unpacked where the profile wants it compressed only. */
const openImage = async (
  host: Host,
  imageDirectory: string,
  node: NodePlan,
  undo: (() => Promise<void>)[],
): Promise<string> => {
  const path = `${imageDirectory}/${node.name}.img`
  if ((await host.files.stat(path))?.isFile === true) return path
  const packed = `${path}.zst`
  if ((await host.files.stat(packed))?.isFile !== true) {
    throw new EnvironmentFault(
      `no image ${path}`,
      'Build the images of this profile first, with the same -o: appliance build',
    )
  }
  const unpacked = `${imageDirectory}/test/${node.name}.img`
  await host.files.makeDirectory(`${imageDirectory}/test`)
  undo.push(() => host.files.remove(unpacked))
  await host.exec(['zstd', '-d', '-q', '-f', '--sparse', '-o', unpacked, packed], {
    doing: `unpack ${packed}`,
  })
  return unpacked
}

/** A disk larger than the image, so that first boot has something to grow into. */
const makeDisk = async (host: Host, image: string, disk: string, model: MachineModel): Promise<number> => {
  const sizeBytes = (await host.files.stat(image))?.sizeBytes ?? 0
  const wanted = sizeBytes + grownBytes
  const diskBytes = isRaspberryPi(model)
    ? 2 ** Math.ceil(Math.log2(wanted))
    : Math.ceil(wanted / 1024 ** 2) * 1024 ** 2
  await host.files.remove(disk)
  await host.exec(
    ['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image, disk, String(diskBytes)],
    { doing: 'make a disk over the image' },
  )
  return diskBytes
}

/** What starts the kernel of a node: firmware with variables of its own, or QEMU in its place. */
const prepareStart = async (
  host: Host,
  plan: BuildPlan,
  node: NodePlan,
  image: string,
  model: MachineModel,
  directory: string,
): Promise<MachineSpec['start']> => {
  const { direct } = model
  return direct === undefined
    ? { kind: 'firmware', ...(await prepareFirmware(host, node.architecture, directory)) }
    : prepareDirectStart(host, plan, node, image, { ...model, direct }, directory)
}

const makeDirectory = async (host: Host, path: string): Promise<void> => {
  await host.files.remove(path)
  await host.files.makeDirectory(path)
}

export const openLab = async (host: Host, plan: BuildPlan, options: LabOptions): Promise<Lab> => {
  const [first] = options.nodes
  if (first === undefined) throw new StepFault('the profile has no node to test')
  // A qcow2 file names its image relative to itself.
  const imageDirectory = resolve(options.imageDirectory)

  // Unix sockets take 107 characters, so they live in a short path of their own.
  const sockets = await host.files.makeTemporaryDirectory('appliance-test-')
  const undo: (() => Promise<void>)[] = [() => host.files.remove(sockets)]
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const images = new Map<string, string>()
    for (const node of options.nodes) {
      images.set(node.name, await openImage(host, imageDirectory, node, undo))
    }
    const imageOf = (node: NodePlan): string => images.get(node.name) ?? ''
    const accelerators: Partial<Record<Architecture, Accelerator>> = {}
    const byMachine = new Map<string, Accelerator>()
    for (const node of options.nodes) {
      const model = modelOf(options, node)
      const { accelerator: wish } = options
      const chosen =
        byMachine.get(model.machine) ??
        (await chooseAccelerator(host, wish, plan, node, imageOf(node), model))
      byMachine.set(model.machine, chosen)
      accelerators[node.architecture] ??= chosen
    }
    /** By the place in the profile, so that a node keeps its address whichever nodes are tested with it. */
    const macOfNode = (node: NodePlan): string =>
      node.macAddress ?? macAddress(plan.nodes.findIndex(({ name }) => name === node.name))
    const hostServices = options.hostServices ?? []
    const site = await startSite(host, {
      network: siteNetwork(plan.nodes, hostServices),
      hostServices,
      macAddresses: options.nodes.map(macOfNode),
      directory: sockets,
      program: qemuPrograms[first.architecture],
    })
    undo.push(site.stop)
    const link = options.link ?? true

    const prepare = async (node: NodePlan, index: number): Promise<LabNode> => {
      const keptDirectory = `${imageDirectory}/test/${node.name}`
      await makeDirectory(host, keptDirectory)
      const disk = `${keptDirectory}/disk.qcow2`
      undo.push(() => host.files.remove(disk))
      const model = modelOf(options, node)
      const diskBytes = await makeDisk(host, imageOf(node), disk, model)
      const directory = `${sockets}/${index}`
      await host.files.makeDirectory(directory)
      const accelerator = byMachine.get(model.machine) ?? { name: 'tcg', reason: 'nothing else asked for' }
      const consoleLog = `${keptDirectory}/console.log`
      const start = await prepareStart(host, plan, node, imageOf(node), model, directory)
      await options.alterStart?.(start)
      const spec: MachineSpec = {
        node: node.name,
        architecture: node.architecture,
        model,
        accelerator: accelerator.name,
        memoryMiB: memoryMiB[node.role],
        processors: options.processors ?? usualProcessors,
        ...playedBoard(model),
        start,
        disk,
        macAddress: macOfNode(node),
        networkSocket: site.port(index),
        reportSocket: `${sockets}/${index}/report`,
        consoleSocket: `${sockets}/${index}/console`,
        monitorSocket: `${sockets}/${index}/qmp`,
        consoleLog,
        clockBase: options.clockBase ?? null,
      }
      return {
        node,
        diskBytes,
        accelerator,
        keptDirectory,
        consoleLog,
        powerOn: async (onPhase = () => undefined) => {
          const machine = await powerOn(host, spec, { link, onPhase })
          undo.push(machine.qemu.stop)
          return machine
        },
      }
    }
    const nodes: LabNode[] = []
    for (const [index, node] of options.nodes.entries()) nodes.push(await prepare(node, index))
    const { network, forward, setTimeAhead } = site
    return { nodes, accelerators, linked: link, network, forward, setTimeAhead, close }
  } catch (error) {
    await close()
    throw error
  }
}
