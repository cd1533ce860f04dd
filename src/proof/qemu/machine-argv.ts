import type { Architecture } from '../../plan/build-plan.ts'
import type { AcceleratorName, MachineModel } from './machine-model.ts'
import { machineModelArgv, qemuPrograms } from './machine-model.ts'

/** A path inside an option of QEMU's, where a comma ends the value. */
export const optionPath = (path: string): string => path.replaceAll(',', ',,')

/** Everything a virtual machine is started with. */
export interface MachineSpec {
  readonly node: string
  readonly architecture: Architecture
  readonly model: MachineModel
  readonly accelerator: AcceleratorName
  readonly memoryMiB: number
  readonly processors: number
  /** Firmware code, read-only, and this machine's variables. */
  readonly firmwareCode: string
  readonly firmwareVariables: string
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

/**
 * The command line of one machine. virtio-serial port `appliance.report` carries the verdict protocol.
 * `romfile=`: no network boot, which would cost half a minute of firmware time under TCG.
 */
export const machineArgv = (spec: MachineSpec): readonly string[] => {
  return [
    qemuPrograms[spec.architecture],
    ...['-name', spec.node],
    ...machineModelArgv(spec.model, spec.accelerator),
    ...['-smp', String(spec.processors), '-m', String(spec.memoryMiB)],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-rtc', `base=${spec.clockBase ?? 'utc'}`],
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${optionPath(spec.firmwareCode)}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${optionPath(spec.firmwareVariables)}`],
    ...[
      '-drive',
      `if=none,id=disk0,format=qcow2,cache=writeback,discard=unmap,file=${optionPath(spec.disk)}`,
    ],
    ...['-device', 'virtio-blk-pci,drive=disk0,bootindex=0'],
    ...['-netdev', `stream,id=net0,server=off,addr.type=unix,addr.path=${optionPath(spec.networkSocket)}`],
    ...['-device', `virtio-net-pci,id=nic0,netdev=net0,mac=${spec.macAddress},romfile=`],
    ...['-device', 'virtio-rng-pci'],
    ...['-device', 'virtio-serial-pci'],
    ...['-chardev', `socket,id=report,server=on,wait=off,path=${optionPath(spec.reportSocket)}`],
    ...['-device', 'virtserialport,chardev=report,name=appliance.report'],
    ...[
      '-chardev',
      `socket,id=console,server=on,wait=off,path=${optionPath(spec.consoleSocket)},logfile=${optionPath(spec.consoleLog)},logappend=on`,
    ],
    ...['-serial', 'chardev:console'],
    ...['-qmp', `unix:${optionPath(spec.monitorSocket)},server=on,wait=off`],
  ]
}
