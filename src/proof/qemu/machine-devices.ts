import { isRaspberryPi, processorsOff } from './machine-model.ts'
import type { MachineSpec } from './machine-spec.ts'
import { optionPath } from './machine-spec.ts'

const disk = ({ disk: path }: MachineSpec, options: string): string =>
  `${options},format=qcow2,cache=writeback,file=${optionPath(path)}`

/**
 * What fails on this host is never the guest's: QEMU pauses the machine, and tells so (fault-watch.ts). Its defaults pause
 * only for a full disk, and hand every other error on to the guest as one of its disk's. SD cards know neither option.
 */
const errorPolicy = 'werror=stop,rerror=stop'

/**
 * Disk, network card and report port of a machine with PCIe. virtio-serial port `appliance.report` carries the verdict
 * protocol. `romfile=`: no network boot, which would cost half a minute of firmware time under TCG.
 */
const virtioDevices = (spec: MachineSpec): readonly string[] => [
  ...['-drive', disk(spec, `if=none,id=disk0,discard=unmap,${errorPolicy}`)],
  ...['-device', 'virtio-blk-pci,drive=disk0,bootindex=0'],
  ...['-device', `virtio-net-pci,id=nic0,netdev=net0,mac=${spec.macAddress},romfile=`],
  ...['-device', 'virtio-rng-pci'],
  ...['-device', 'virtio-serial-pci'],
  ...['-device', 'virtserialport,chardev=report,name=appliance.report'],
  ...['-serial', 'chardev:console'],
]

/** The serial port that is the console: a Pi 3's second, the mini UART, since the first is the Bluetooth chip's. */
const raspberryPiConsole = ({ model }: MachineSpec): readonly string[] => {
  const ports = ['chardev:console', 'null']
  return (model.machine === 'raspi3b' ? ports.toReversed() : ports).flatMap((port) => ['-serial', port])
}

const raspberryPiDevices = (spec: MachineSpec): readonly string[] => [
  ...processorsOff(spec.model),
  ...['-drive', disk(spec, 'if=sd,index=0')],
  ...raspberryPiConsole(spec),
]

/** Devices that are plugged in while the machine runs, as arguments of QMP's `device_add`. */
export interface LateDevices {
  /** The line of the console that tells that they can be. */
  readonly when: RegExp
  readonly devices: readonly Readonly<Record<string, string | boolean>>[]
}

/**
 * A Raspberry Pi has no virtio: network card and report port are two devices behind a hub in its one USB port. In there at
 * power-on, they are now and then not found: QEMU's controller tells that they are gone when the kernel resets it, and on a
 * busy host the kernel hears of it after it has seen them come ("dwc2: Not connected"). The adapter's serial number is what
 * the node looks for.
 */
export const lateDevices = (spec: MachineSpec): LateDevices | undefined =>
  isRaspberryPi(spec.model)
    ? {
        when: /dwc2 .*: new USB bus registered/,
        devices: [
          { driver: 'usb-hub', id: 'hub0', bus: 'usb-bus.0', port: '1' },
          {
            driver: 'usb-net',
            id: 'nic0',
            bus: 'usb-bus.0',
            port: '1.1',
            netdev: 'net0',
            mac: spec.macAddress,
          },
          {
            driver: 'usb-serial',
            id: 'adapter0',
            bus: 'usb-bus.0',
            port: '1.2',
            chardev: 'report',
            'always-plugged': true,
            serial: 'appliance.report',
          },
        ],
      }
    : undefined

export const machineDevices = (spec: MachineSpec): readonly string[] =>
  isRaspberryPi(spec.model) ? raspberryPiDevices(spec) : virtioDevices(spec)
