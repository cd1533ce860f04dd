/** What the firmware of a Raspberry Pi takes from its boot partition, by config.txt (raspberrypi.com/documentation, config.txt). */

/** Filters that each model goes by, beside `all` ("Model filters"); a setting behind another model's is not for it. */
const models: readonly (readonly string[])[] = [
  ['pi2'],
  ['pi3'],
  ['pi3', 'pi3+'],
  ['pi0', 'pi0w', 'pi02'],
  ['pi4'],
  ['pi4', 'pi400'],
  ['pi4', 'cm4'],
  ['pi4', 'cm4s'],
  ['pi5'],
  ['pi5', 'pi500'],
  ['pi5', 'cm5'],
]

/** Set for one start, to try new files (Ubuntu since 25.10 keeps them in a folder of their own). */
const tryFilter = 'tryboot'

const isModelFilter = (filter: string): boolean => models.some((filters) => filters.includes(filter))

/**
 * The last value of a setting for who goes by these filters; undefined: none. Filters of one kind replace each other, those of
 * different kinds hold together until `all` ("Combining conditional filters"); of screens, pins and serial numbers nothing is known.
 */
const settingOf = (config: string, key: string, filters: readonly string[]): string | undefined => {
  const setting = new RegExp(`^\\s*${key}\\s*=\\s*(\\S+)`, 'i')
  let applies = { model: true, other: true }
  let value: string | undefined
  for (const line of config.split(/\r?\n/)) {
    const filter = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]?.toLowerCase()
    if (filter === 'all') applies = { model: true, other: true }
    else if (filter !== undefined) {
      applies = { ...applies, [isModelFilter(filter) ? 'model' : 'other']: filters.includes(filter) }
    } else if (applies.model && applies.other) value = setting.exec(line)?.[1] ?? value
  }
  return value
}

/** Paths of a FAT, which does not tell cases apart. */
const isAmong = (files: readonly string[], path: string): boolean =>
  files.some((file) => file.toLowerCase() === path.toLowerCase())

/** Where a file is that the firmware takes by this name: an absolute one bypasses the prefix ("os_prefix"). */
const placed = (prefix: string, name: string): string =>
  name.startsWith('/') ? name.slice(1) : `${prefix}${name}`

const deviceTree = /^bcm2\d+.*\.dtb$/i
const anyKernel = /^kernel\w*\.img$/i

const behind = (files: readonly string[], prefix: string): readonly string[] =>
  files
    .filter((file) => file.toLowerCase().startsWith(prefix.toLowerCase()))
    .map((file) => file.slice(prefix.length))

interface PiStart {
  /** What is put before the names of kernel, device trees and command line: `current/`; may be empty. */
  readonly prefix: string
  /** As config.txt names it. */
  readonly kernel: string | undefined
  readonly commandLine: string
  /** There is a device tree. */
  readonly starts: boolean
}

const hasDeviceTree = (files: readonly string[], prefix: string): boolean =>
  behind(files, prefix).some((name) => deviceTree.test(name))

/** `os_prefix` is passed over unless kernel and device tree are there. */
const startOf = (files: readonly string[], config: string, filters: readonly string[]): PiStart => {
  const kernel = settingOf(config, 'kernel', filters)
  const wanted = (settingOf(config, 'os_prefix', filters) ?? '').replace(/^\//, '')
  const hasKernel =
    kernel === undefined
      ? behind(files, wanted).some((name) => anyKernel.test(name))
      : isAmong(files, placed(wanted, kernel))
  const prefix = hasKernel && hasDeviceTree(files, wanted) ? wanted : ''
  const commandLine = placed(prefix, settingOf(config, 'cmdline', filters) ?? 'cmdline.txt')
  return { prefix, kernel, commandLine, starts: hasDeviceTree(files, prefix) }
}

/** Whether a Raspberry Pi starts from these files: it has a device tree where one of the models looks for it. */
export const startsOnPi = (files: readonly string[], config: string): boolean =>
  models.some((filters) => startOf(files, config, filters).starts)

/** Every file that a model may take its kernel's command line from, at a usual start or at one that tries new files. */
export const commandLineFiles = (files: readonly string[], config: string): readonly string[] => {
  const taken = models
    .flatMap((filters) => [filters, [...filters, tryFilter]])
    .map((filters) => startOf(files, config, filters))
    .flatMap(({ starts, commandLine }) => (starts ? [commandLine.toLowerCase()] : []))
  return files.filter((file) => taken.includes(file.toLowerCase()))
}

/** The vendor's kernel for the BCM2712, with pages of 16 KiB; the one for all models has 4 KiB. */
const largePagesKernel = 'kernel_2712.img'

/**
 * Whether a Raspberry Pi 5 starts a kernel with pages of 16 KiB from these files: unless config.txt names another one, its
 * firmware takes `kernel_2712.img` where there is one ("kernel").
 */
export const hasLargePagesOnPi5 = (files: readonly string[], config: string): boolean => {
  const { prefix, kernel } = startOf(files, config, ['pi5'])
  const path = placed(prefix, kernel ?? largePagesKernel)
  return path.split('/').at(-1)?.toLowerCase() === largePagesKernel && isAmong(files, path)
}
