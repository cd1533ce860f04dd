import type { Architecture } from '../../plan/build-plan.ts'
import type { DirectStart } from './direct-start.ts'
import { machineDevices } from './machine-devices.ts'
import type { AcceleratorName, MachineModel } from './machine-model.ts'
import { machineModelArgv, qemuPrograms } from './machine-model.ts'

/** A path inside an option of QEMU's, where a comma ends the value. */
export const optionPath = (path: string): string => path.replaceAll(',', ',,')

/** UEFI firmware: its code, read-only, and this machine's variables. */
export interface FirmwareStart {
  readonly kind: 'firmware'
  readonly code: string
  readonly variables: string
}

/** Everything a virtual machine is started with. */
export interface MachineSpec {
  readonly node: string
  readonly architecture: Architecture
  readonly model: MachineModel
  readonly accelerator: AcceleratorName
  readonly memoryMiB: number
  readonly processors: number
  readonly start: FirmwareStart | DirectStart
  /** qcow2 overlay; the image below it is never written. */
  readonly disk: string
  readonly macAddress: string
  /** Unix socket of this machine's port on the virtual switch. */
  readonly networkSocket: string
  readonly reportSocket: string
  readonly consoleSocket: string
  readonly monitorSocket: string
  /** QEMU appends everything the console prints to it. */
  readonly consoleLog: string
  /** What the clock says at power-on, ISO 8601 without zone, UTC; null: the time of the host. */
  readonly clockBase: string | null
}

const startArgv = (start: MachineSpec['start']): readonly string[] =>
  start.kind === 'firmware'
    ? [
        ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${optionPath(start.code)}`],
        ...['-drive', `if=pflash,unit=1,format=raw,file=${optionPath(start.variables)}`],
      ]
    : [
        ...['-kernel', start.kernel, '-initrd', start.initrd, '-append', start.commandLine],
        ...(start.deviceTree === null ? [] : ['-dtb', start.deviceTree]),
      ]

/** The command line of one machine. */
export const machineArgv = (spec: MachineSpec): readonly string[] => [
  qemuPrograms[spec.architecture],
  ...['-name', spec.node],
  ...machineModelArgv(spec.model, spec.accelerator),
  ...['-smp', String(spec.processors), '-m', String(spec.memoryMiB)],
  ...['-nodefaults', '-no-user-config', '-display', 'none'],
  ...['-rtc', `base=${spec.clockBase ?? 'utc'}`],
  ...startArgv(spec.start),
  ...['-netdev', `stream,id=net0,server=off,addr.type=unix,addr.path=${optionPath(spec.networkSocket)}`],
  ...['-chardev', `socket,id=report,server=on,wait=off,path=${optionPath(spec.reportSocket)}`],
  ...[
    '-chardev',
    `socket,id=console,server=on,wait=off,path=${optionPath(spec.consoleSocket)},logfile=${optionPath(spec.consoleLog)},logappend=on`,
  ],
  ...machineDevices(spec),
  ...['-qmp', `unix:${optionPath(spec.monitorSocket)},server=on,wait=off`],
]
