import { machineDevices } from './machine-devices.ts'
import { machineModelArgv, qemuPrograms } from './machine-model.ts'
import type { MachineSpec } from './machine-spec.ts'
import { optionPath } from './machine-spec.ts'

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
  // Switched on by `cont`, when somebody listens: QEMU tells of no event from before.
  '-S',
]
