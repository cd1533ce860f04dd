/** The vendor's kernel for the BCM2712, with pages of 16 KiB; the one for all models has 4 KiB. */
const largePagesKernel = 'kernel_2712.img'

/** Filters of config.txt that a Raspberry Pi 5 goes by (raspberrypi.com/documentation, config.txt, conditional filters). */
const filtersOfPi5: readonly string[] = ['all', 'pi5']

/** The kernel that config.txt names for a Raspberry Pi 5; undefined: none, so that the firmware takes its own choice. */
const namedKernel = (config: string): string | undefined => {
  let applies = true
  let name: string | undefined
  for (const line of config.split(/\r?\n/)) {
    const filter = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]
    if (filter !== undefined) applies = filtersOfPi5.includes(filter.toLowerCase())
    else if (applies) name = /^\s*kernel\s*=\s*(\S+)/i.exec(line)?.[1] ?? name
  }
  return name
}

/**
 * Whether a Raspberry Pi 5 starts a kernel with pages of 16 KiB from these files: unless config.txt names another one, its
 * firmware takes `kernel_2712.img` where there is one (raspberrypi.com/documentation, config.txt, `kernel`).
 */
export const hasLargePagesOnPi5 = (files: readonly string[], config: string): boolean =>
  files.some((file) => file.toLowerCase() === largePagesKernel) &&
  (namedKernel(config) ?? largePagesKernel).toLowerCase() === largePagesKernel
