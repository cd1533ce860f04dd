import { Cancelled, EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { Architecture, BuildPlan, NodePlan } from '../../plan/build-plan.ts'
import { prepareFirmware } from './firmware.ts'
import { readKernel } from './image-kernel.ts'
import type { AcceleratorName, MachineModel } from './machine-model.ts'
import { consoleDevices, machineModelArgv, qemuPrograms, runsUnderKvm } from './machine-model.ts'
import { optionPath } from './machine-spec.ts'

export type AcceleratorWish = 'auto' | AcceleratorName

export interface Accelerator {
  readonly name: AcceleratorName
  /** Why this one; printed in the verdict. */
  readonly reason: string
}

/** A kernel boots in two seconds under a KVM that works; a device that merely opens proves nothing. */
const probeTimeoutMs = 10_000

/** Firmware and a kernel without a root file system, which panics when it has done all it can, and so ends QEMU. */
export const probeArgv = (
  architecture: Architecture,
  model: MachineModel,
  accelerator: AcceleratorName,
  firmware: { readonly code: string; readonly variables: string },
  kernel: string,
): readonly string[] => [
  qemuPrograms[architecture],
  ...machineModelArgv(model, accelerator),
  ...['-m', '512', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
  ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${optionPath(firmware.code)}`],
  ...['-drive', `if=pflash,unit=1,format=raw,file=${optionPath(firmware.variables)}`],
  ...['-kernel', kernel, '-append', `console=${consoleDevices[architecture]} panic=-1`],
  ...['-serial', 'stdio'],
]

/** True when a kernel has come to the end of its own start in time. */
export const bootsKernel = async (
  host: Host,
  plan: BuildPlan,
  node: NodePlan,
  image: string,
  model: MachineModel,
  accelerator: AcceleratorName,
  timeoutMs = probeTimeoutMs,
): Promise<boolean> => {
  const directory = await host.files.makeTemporaryDirectory('appliance-probe-')
  try {
    const kernel = await readKernel(host, plan, node, image, directory)
    const firmware = await prepareFirmware(host, node.architecture, directory)
    let booted = false
    const found = new AbortController()
    await host
      .exec(probeArgv(node.architecture, model, accelerator, firmware, kernel), {
        timeoutMs,
        signal: found.signal,
        doing: 'boot a kernel',
        onLine: (line) => {
          if (!line.includes('Kernel panic - not syncing: VFS')) return
          booted = true
          found.abort()
        },
      })
      .catch((error: unknown) => {
        if (host.signal.aborted) throw new Cancelled('cancelled')
        host.report.debug(
          `probe of ${accelerator}: ${error instanceof Error ? error.message : String(error)}`,
        )
      })
    return booted
  } finally {
    await host.files.remove(directory)
  }
}

const hostArchitecture = async (host: Host): Promise<string> => {
  const { stdout } = await host.exec(['uname', '-m'], { doing: 'ask for the architecture of this machine' })
  const names: Readonly<Record<string, Architecture>> = { x86_64: 'amd64', aarch64: 'arm64' }
  return names[stdout.trim()] ?? stdout.trim()
}

/** Chooses for one architecture; the caller keeps the answer for the run. */
export const chooseAccelerator = async (
  host: Host,
  wish: AcceleratorWish,
  plan: BuildPlan,
  node: NodePlan,
  image: string,
  model: MachineModel,
): Promise<Accelerator> => {
  if (!runsUnderKvm(model)) {
    if (wish === 'kvm') {
      throw new EnvironmentFault(
        `KVM cannot run QEMU's machine ${model.machine}, which plays ${node.board}`,
        'Use --accel auto or --accel tcg.',
      )
    }
    return { name: 'tcg', reason: `QEMU's machine ${model.machine} runs under nothing else` }
  }
  if (wish === 'tcg') return { name: 'tcg', reason: 'asked for' }
  const own = await hostArchitecture(host)
  if (own !== node.architecture) {
    if (wish === 'kvm') {
      throw new EnvironmentFault(
        `KVM cannot run ${node.architecture} machines on ${own}`,
        'Use --accel auto or --accel tcg.',
      )
    }
    return { name: 'tcg', reason: `${node.architecture} machines are foreign to this ${own} machine` }
  }
  if (wish === 'kvm') return { name: 'kvm', reason: 'asked for' }
  if ((await host.files.stat('/dev/kvm')) === undefined) return { name: 'tcg', reason: 'no /dev/kvm' }
  if (node.base.kind === 'image') {
    return { name: 'tcg', reason: 'a base image has no kernel to try KVM with; --accel kvm takes it untried' }
  }
  return (await bootsKernel(host, plan, node, image, model, 'kvm'))
    ? { name: 'kvm', reason: 'a kernel booted under it' }
    : { name: 'tcg', reason: `no kernel booted under KVM within ${probeTimeoutMs / 1000} s` }
}
