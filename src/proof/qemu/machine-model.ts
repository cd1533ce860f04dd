import type { Architecture } from '../../plan/build-plan.ts'

export type AcceleratorName = 'kvm' | 'tcg'

/** How QEMU plays a board: `qemu` of its recipe. */
export interface MachineModel {
  readonly machine: string
  /** Under TCG; KVM takes the processor of the host. */
  readonly cpu: string
  /** QEMU takes the part of the firmware: kernel, initrd and command line are those of the boot partition. */
  readonly direct?: {
    /** File name of a device tree on the boot partition. */
    readonly deviceTree?: string
    readonly kernelArguments: readonly string[]
  }
}

/** A machine that plays a real board has its memory (MiB) and its processors, and QEMU takes no other number. */
interface PlayedBoard {
  readonly memoryMiB: number
  readonly processors: number
  /** QEMU's type of its chip. */
  readonly chip: string
}

const raspberryPis: Readonly<Record<string, PlayedBoard>> = {
  raspi3b: { memoryMiB: 1024, processors: 4, chip: 'bcm2837' },
  raspi4b: { memoryMiB: 2048, processors: 4, chip: 'bcm2838' },
}

/** Undefined where a machine plays no board. */
export const playedBoard = ({ machine }: MachineModel): PlayedBoard | undefined => raspberryPis[machine]

/** QEMU's boards emulate interrupt controllers of their own, which no KVM shares. */
export const runsUnderKvm = (model: MachineModel): boolean => playedBoard(model) === undefined

/** Its disk is an SD card, which QEMU has in powers of two; network and report come by USB. */
export const isRaspberryPi = (model: MachineModel): boolean => playedBoard(model) !== undefined

/** Of a board's processors, those that its guest uses: four emulated ones cost more than they bring. */
const usedProcessors = 2

/**
 * Processors that the guest never starts are off. QEMU's boards have them wait in a loop of WFE (hw/arm/raspi.c,
 * write_smpboot64), in which an emulated processor does not sleep: each took a processor of the host.
 */
export const processorsOff = (model: MachineModel): readonly string[] => {
  const board = playedBoard(model)
  return board === undefined ? [] : ['-global', `${board.chip}.enabled-cpus=${usedProcessors}`]
}

/**
 * What a machine that plays a board adds to the command line. A node answers over a USB adapter only where its command line
 * says so: see 90-appliance.rules.
 */
export const boardArguments = (model: MachineModel): readonly string[] =>
  isRaspberryPi(model) ? [`maxcpus=${usedProcessors}`, 'appliance.proof'] : []

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
