import { basename } from 'node:path/posix'
import type { RaspberryPiFirmware } from '../recipes/recipe.ts'
import type { DeviceTreeParameters, ResolvedPi } from '../resolve/pi.ts'
import type { FileContent, PackagePin, PlannedFile } from './build-plan.ts'
import type { Renderer } from './renderer.ts'

/**
 * Kernel, initrd, device trees and command line lie in a folder of their slot: the firmware puts `os_prefix` before each of
 * these names, and ignores it unless it finds kernel and device tree there (raspberrypi.com/documentation, config.txt).
 */
const prefix = 'a/'

/** Templates of the boot partition, below `templates/`. */
export const bootTemplates = ['boot/cmdline.txt.hbs', 'boot/config.txt.hbs'] as const

interface PinnedPackages {
  /** Of the root, with the kernel. */
  readonly packages: readonly PackagePin[]
  readonly firmware: readonly PackagePin[]
}

const file = (path: string, content: FileContent): PlannedFile => ({ path, mode: 0o644, content })

/** Debian's kernel: `linux-image-arm64` depends on `linux-image-6.12.117+deb13-arm64`, which has all files. */
export const kernelPackage = (packages: readonly PackagePin[]): PackagePin => {
  const found = packages.find(({ name }) => /^linux-image-\d/.test(name))
  if (found === undefined) throw new Error('the base has no kernel package')
  return found
}

const firmwarePackage = ({ firmware }: PinnedPackages, name: string): PackagePin => {
  const found = firmware.find((pin) => pin.name === name)
  if (found === undefined) throw new Error(`the resolved profile lacks the firmware package ${name}`)
  return found
}

/**
 * Lines of config.txt for the board and the node's settings. A parameter is for the overlay before it, and before the first
 * one for the board's own tree; an empty name ends the last overlay (raspberrypi.com/documentation, "Device Trees").
 */
export const configLines = (firmware: RaspberryPiFirmware, pi: ResolvedPi): readonly string[] => {
  const parameters = (list: DeviceTreeParameters): readonly string[] =>
    list.map(([name, value]) => `dtparam=${name}=${value}`)
  const overlays = pi.overlays.flatMap(({ name, parameters: own }) => [
    `dtoverlay=${name}`,
    ...parameters(own),
  ])
  return [
    ...firmware.config,
    ...(pi.uart ? firmware.serial.config : []),
    ...(pi.gpuMemoryMib === null ? [] : [`gpu_mem=${pi.gpuMemoryMib}`]),
    ...(pi.usbBoot ? ['program_usb_boot_mode=1'] : []),
    ...parameters(pi.parameters),
    ...(overlays.length === 0 ? [] : [...overlays, 'dtoverlay=']),
    ...pi.config,
  ]
}

/** Further arguments of the kernel. The last console is the one that programs know as /dev/console. */
export const piKernelArguments = (firmware: RaspberryPiFirmware, pi: ResolvedPi): readonly string[] => [
  ...(pi.uart ? [`console=${firmware.serial.console}`] : []),
  ...(pi.bluetooth ? [] : ['module_blacklist=btbcm,hci_uart']),
  ...pi.kernelArguments,
]

/** With 16 MiB the firmware reads a pair of files without codecs (raspberrypi.com/documentation, `gpu_mem`). */
const leastGpuMemoryMib = 16

/** All that a Raspberry Pi reads from the boot partition beside kernel and initrd of slot `a`. */
export const raspberryPiFiles = (
  board: RaspberryPiFirmware,
  pi: ResolvedPi,
  kernelArguments: readonly string[],
  pinned: PinnedPackages,
  renderer: Renderer,
): readonly PlannedFile[] => {
  const { folder, files, cutDownFiles = [], deviceTrees } = board
  const firmware = firmwarePackage(pinned, board.package)
  const kernel = kernelPackage(pinned.packages)
  const settings = { prefix, kernel: 'vmlinuz', initrd: 'initrd.img', settings: configLines(board, pi) }
  return [
    ...[...files, ...(pi.gpuMemoryMib === leastGpuMemoryMib ? cutDownFiles : [])].map((each) =>
      file(each, { kind: 'package', package: firmware, path: `${folder}/${each}` }),
    ),
    ...deviceTrees.map((tree) =>
      file(`${prefix}${basename(tree.file)}`, {
        kind: 'package',
        package: kernel,
        path: `usr/lib/${kernel.name}/${tree.file}`,
      }),
    ),
    file('config.txt', { kind: 'text', text: renderer.render('boot/config.txt.hbs', settings) }),
    file(`${prefix}cmdline.txt`, {
      kind: 'text',
      text: renderer.render('boot/cmdline.txt.hbs', { kernelArguments: kernelArguments.join(' ') }),
    }),
  ]
}
