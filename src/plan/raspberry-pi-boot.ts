import { basename } from 'node:path/posix'
import type { RaspberryPiFirmware } from '../recipes/recipe.ts'
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

/** All that a Raspberry Pi reads from the boot partition beside kernel and initrd of slot `a`. */
export const raspberryPiFiles = (
  { package: name, folder, files, deviceTrees, config }: RaspberryPiFirmware,
  kernelArguments: readonly string[],
  pinned: PinnedPackages,
  renderer: Renderer,
): readonly PlannedFile[] => {
  const firmware = firmwarePackage(pinned, name)
  const kernel = kernelPackage(pinned.packages)
  const settings = { prefix, kernel: 'vmlinuz', initrd: 'initrd.img', settings: config }
  return [
    ...files.map((each) => file(each, { kind: 'package', package: firmware, path: `${folder}/${each}` })),
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
