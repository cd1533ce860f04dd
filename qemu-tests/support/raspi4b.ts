import type { Host } from '../../src/host/host.ts'
import type { MachineModel } from '../../src/proof/qemu/machine-model.ts'
import type { MachineSpec } from '../../src/proof/qemu/machine-spec.ts'

const deviceTree = 'bcm2711-rpi-4-b.dtb'

/** QEMU's Raspberry Pi 4, for whose gaps the device tree must be altered: no card has such a tree, so no recipe names it. */
export const raspi4b: MachineModel = {
  machine: 'raspi4b',
  cpu: 'cortex-a72',
  direct: {
    deviceTree,
    // As for the Raspberry Pi 3, whose recipe says why.
    kernelArguments: [
      ...['console=ttyAMA0,115200'],
      ...['systemd.default_device_timeout_sec=600', 'systemd.watchdog_sec=0'],
    ],
  },
}

/** QEMU connects its card to the controller that on a board is the radio's. */
const cardController = '/soc/mmc@7e300000'

const disabled = (node: string): readonly string[] => ['-t', 's', '{}', node, 'status', 'disabled']

/** Arguments of fdtput (`{}`: the file) for what the machine lacks; QEMU 10.0.2. docs/boards.md says how it shows itself. */
const alterations = (hdmiNodes: readonly string[]): readonly (readonly string[])[] => [
  // Nothing answers there, and the kernel dies of it.
  ...hdmiNodes.map((node) => disabled(`/soc/${node}`)),
  // The mini UART, whose interrupt never ends.
  disabled('/soc/serial@7e215040'),
  // The card is not there, but where the radio is on a board.
  disabled('/emmc2bus/mmc@7e340000'),
  ['-r', '{}', `${cardController}/wifi@1`],
  ...['mmc-pwrseq', 'non-removable', 'pinctrl-0', 'pinctrl-names'].map((name) => [
    ...['-d', '{}', cardController, name],
  ]),
  ['-t', 'x', '{}', cardController, 'broken-cd'],
  // The one USB controller; on a board it is that of the socket for power, and no host.
  ['-t', 's', '{}', '/soc/usb@7e980000', 'dr_mode', 'host'],
]

/** Alters the copy of the device tree that the machine is started with. */
export const alterForQemu = async (host: Host, start: MachineSpec['start']): Promise<void> => {
  if (start.kind !== 'direct' || start.deviceTree === null) throw new Error('the machine has no device tree')
  const { deviceTree: path } = start
  const { stdout } = await host.exec(['fdtget', '-l', path, '/soc'], { doing: `read ${deviceTree}` })
  const hdmiNodes = stdout.split('\n').filter((name) => name.includes('@7ef0'))
  for (const alteration of alterations(hdmiNodes))
    await host.exec(['fdtput', ...alteration.map((word) => (word === '{}' ? path : word))], {
      doing: `alter ${deviceTree}`,
    })
}
