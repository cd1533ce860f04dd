import type { MachineSpec } from './machine-spec.ts'
import { optionPath } from './machine-spec.ts'

const disk = ({ disk: path }: MachineSpec, options: string): string =>
  `${options},format=qcow2,cache=writeback,file=${optionPath(path)}`

/**
 * Disk, network card and report port of a machine with PCIe. virtio-serial port `appliance.report` carries the verdict
 * protocol. `romfile=`: no network boot, which would cost half a minute of firmware time under TCG.
 */
const virtioDevices = (spec: MachineSpec): readonly string[] => [
  ...['-drive', disk(spec, 'if=none,id=disk0,discard=unmap')],
  ...['-device', 'virtio-blk-pci,drive=disk0,bootindex=0'],
  ...['-device', `virtio-net-pci,id=nic0,netdev=net0,mac=${spec.macAddress},romfile=`],
  ...['-device', 'virtio-rng-pci'],
  ...['-device', 'virtio-serial-pci'],
  ...['-device', 'virtserialport,chardev=report,name=appliance.report'],
  ...['-serial', 'chardev:console'],
]

/**
 * The same of a Raspberry Pi 3, which has no virtio: an SD card, and two devices behind a hub in its one USB port. The
 * adapter's serial number is what the node looks for. The first serial port is the Bluetooth chip's; the console is the
 * second, the mini UART.
 */
const raspberryPiDevices = (spec: MachineSpec): readonly string[] => [
  ...['-drive', disk(spec, 'if=sd,index=0')],
  ...['-device', 'usb-hub,bus=usb-bus.0,port=1'],
  ...['-device', `usb-net,bus=usb-bus.0,port=1.1,id=nic0,netdev=net0,mac=${spec.macAddress}`],
  ...[
    '-device',
    'usb-serial,bus=usb-bus.0,port=1.2,chardev=report,always-plugged=on,serial=appliance.report',
  ],
  ...['-serial', 'null', '-serial', 'chardev:console'],
]

export const machineDevices = (spec: MachineSpec): readonly string[] =>
  spec.model.machine === 'raspi3b' ? raspberryPiDevices(spec) : virtioDevices(spec)
