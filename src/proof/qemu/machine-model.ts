import type { Architecture } from '../../plan/build-plan.ts'

export type AcceleratorName = 'kvm' | 'tcg'

/** How QEMU plays the machines of one architecture. */
export interface MachineModel {
  readonly program: string
  readonly machine: string
  /** The console a kernel of this architecture writes to. */
  readonly consoleDevice: string
  /**
   * Under TCG a processor costs what its features cost to emulate: without pointer authentication (Cortex-A72) a
   * Debian 13 kernel boots faster than on `max`. Every value is known to QEMU 7.2.
   */
  readonly tcgCpu: string
}

export const machineModels: Readonly<Record<Architecture, MachineModel>> = {
  arm64: {
    program: 'qemu-system-aarch64',
    machine: 'virt,gic-version=3',
    consoleDevice: 'ttyAMA0',
    tcgCpu: 'cortex-a72',
  },
  amd64: {
    program: 'qemu-system-x86_64',
    machine: 'q35',
    consoleDevice: 'ttyS0',
    tcgCpu: 'max',
  },
}

/** tb-size: MiB of translated code; the default of 1/4 of the memory or 32 MiB in old versions is flushed again and again. */
export const acceleratorArgv = (model: MachineModel, accelerator: AcceleratorName): readonly string[] =>
  accelerator === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', model.tcgCpu]
