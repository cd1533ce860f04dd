import type { RaspberryPiFirmware } from '../recipes/recipe.ts'
import type { LockedKernel } from '../resolve/kernels/locked-kernel.ts'
import { isVendorKernel, modelsOf } from '../resolve/kernels/models.ts'
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
  readonly kernel: LockedKernel
  readonly firmware: readonly PackagePin[]
}

const file = (path: string, content: FileContent): PlannedFile => ({ path, mode: 0o644, content })

/** A package that the lock pins beside a kernel: one of its own. */
const packageOfKernel = ({ packages, release }: LockedKernel, name: string): PackagePin => {
  const found = packages.find((pin) => pin.name === name)
  if (found === undefined) throw new Error(`the kernel ${release} has no package ${name}`)
  return found
}

const firmwarePackage = ({ firmware }: Pick<PinnedPackages, 'firmware'>, name: string): PackagePin => {
  const found = firmware.find((pin) => pin.name === name)
  if (found === undefined) throw new Error(`the resolved profile lacks the firmware package ${name}`)
  return found
}

/**
 * Lines of config.txt for the board and the node's settings. A parameter is for the overlay before it, and before the first
 * one for the board's own tree; an empty name ends the last overlay (raspberrypi.com/documentation, "Device Trees").
 */
export const configLines = (
  firmware: Pick<RaspberryPiFirmware, 'config' | 'upstreamConfig' | 'serial'>,
  pi: ResolvedPi,
  isVendors: boolean,
): readonly string[] => {
  const parameters = (list: DeviceTreeParameters): readonly string[] =>
    list.map(([name, value]) => `dtparam=${name}=${value}`)
  const overlays = pi.overlays.flatMap(({ name, parameters: own }) => [
    `dtoverlay=${name}`,
    ...parameters(own),
  ])
  return [
    ...firmware.config,
    ...(isVendors ? [] : firmware.upstreamConfig),
    ...(pi.uart ? firmware.serial.config : []),
    ...(pi.gpuMemoryMib === null ? [] : [`gpu_mem=${pi.gpuMemoryMib}`]),
    ...(pi.usbBoot ? ['program_usb_boot_mode=1'] : []),
    ...parameters(pi.parameters),
    ...(overlays.length === 0 ? [] : [...overlays, 'dtoverlay=']),
    ...pi.config,
  ]
}

/**
 * The device trees of the vendor say `cgroup_disable=memory`; k3s ends without that control group (raspberrypi/linux#5933,
 * k3s-io/k3s#8890, #10755). The last word counts.
 */
const vendorArguments = ['cgroup_enable=memory'] as const

/** A card for all models of a board has the port that most of them have. */
const serialConsole = (
  { serial, deviceTrees }: Pick<RaspberryPiFirmware, 'serial' | 'deviceTrees'>,
  { model }: Pick<ResolvedPi, 'model'>,
  isVendors: boolean,
): string =>
  isVendors
    ? serial.vendorConsole
    : (deviceTrees.find((each) => each.model === model)?.console ?? serial.console)

/** Further arguments of the kernel. The last console is the one that programs know as /dev/console. */
export const piKernelArguments = (
  firmware: RaspberryPiFirmware,
  pi: ResolvedPi,
  isVendors: boolean,
): readonly string[] => [
  ...(pi.uart ? [`console=${serialConsole(firmware, pi, isVendors)}`] : []),
  ...(isVendors ? vendorArguments : []),
  ...(pi.bluetooth ? [] : ['module_blacklist=btbcm,hci_uart']),
  ...pi.kernelArguments,
]

const firmwareFile = (
  { package: name, folder }: RaspberryPiFirmware,
  pinned: PinnedPackages,
  path: string,
): PlannedFile =>
  file(path, { kind: 'package', package: firmwarePackage(pinned, name), path: `${folder}/${path}` })

/** One for each model; the same tree may be that of two. */
const deviceTreeFiles = (board: RaspberryPiFirmware, kernel: LockedKernel): readonly PlannedFile[] => {
  if (kernel.board === null) throw new Error(`nothing is known of the device trees of ${kernel.release}`)
  const { package: name, folder } = kernel.board
  const source = packageOfKernel(kernel, name)
  return [...new Set(modelsOf(board, kernel).served.map((each) => each.file))].map((each) =>
    file(`${prefix}${each}`, { kind: 'package', package: source, path: `${folder}/${each}` }),
  )
}

/**
 * All overlays: HATs name theirs. The firmware takes them out of the slot's folder only where that has a file
 * `overlays/README` (raspberrypi.com/documentation, `overlay_prefix`).
 */
const overlayFiles = (kernel: LockedKernel): readonly PlannedFile[] => {
  const overlays = kernel.board?.overlays
  if (kernel.board === null || overlays === null || overlays === undefined) return []
  const source = packageOfKernel(kernel, kernel.board.package)
  const names = [...Object.keys(overlays.byName).map((name) => `${name}.dtbo`), ...overlays.maps]
  return [
    file(`${prefix}overlays/README`, { kind: 'text', text: `Overlays of the kernel ${kernel.release}.\n` }),
    ...names.map((name) =>
      file(`${prefix}overlays/${name}`, {
        kind: 'package',
        package: source,
        path: `${overlays.folder}/${name}`,
      }),
    ),
  ]
}

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
  const { kernel } = pinned
  const all = [...board.files, ...(pi.gpuMemoryMib === leastGpuMemoryMib ? (board.cutDownFiles ?? []) : [])]
  const lines = configLines(board, pi, isVendorKernel(kernel))
  const settings = { prefix, kernel: 'vmlinuz', initrd: 'initrd.img', settings: lines }
  return [
    ...all.map((each) => firmwareFile(board, pinned, each)),
    ...deviceTreeFiles(board, kernel),
    ...overlayFiles(kernel),
    file('config.txt', { kind: 'text', text: renderer.render('boot/config.txt.hbs', settings) }),
    file(`${prefix}cmdline.txt`, {
      kind: 'text',
      text: renderer.render('boot/cmdline.txt.hbs', { kernelArguments: kernelArguments.join(' ') }),
    }),
  ]
}
