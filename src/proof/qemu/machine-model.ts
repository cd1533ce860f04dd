import type { Architecture } from '../../plan/build-plan.ts'

export type AcceleratorName = 'kvm' | 'tcg'

/** How QEMU plays a board: `qemu` of its recipe. */
export interface MachineModel {
  readonly machine: string
  /** Under TCG; KVM takes the processor of the host. */
  readonly cpu: string
}

export const qemuPrograms = {
  arm64: 'qemu-system-aarch64',
  amd64: 'qemu-system-x86_64',
} as const satisfies Readonly<Record<Architecture, string>>

/** The console a kernel of this architecture writes to. */
export const consoleDevices = {
  arm64: 'ttyAMA0',
  amd64: 'ttyS0',
} as const satisfies Readonly<Record<Architecture, string>>

/** What a machine needs beyond its name; the newer interrupt controller is the one that KVM can share. */
const machineOptions: Readonly<Record<string, string>> = { virt: 'virt,gic-version=max' }

/** tb-size: MiB of translated code; QEMU's default is flushed again and again by a guest that runs k3s. */
export const machineModelArgv = (model: MachineModel, accelerator: AcceleratorName): readonly string[] => [
  ...['-machine', machineOptions[model.machine] ?? model.machine],
  ...(accelerator === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', model.cpu]),
]
