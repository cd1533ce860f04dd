import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'

type Reader = Pick<FileSystemReader, 'list' | 'read'>

/** A kernel of a base, as the folder of its modules tells. */
export interface BaseKernel {
  /** Those that are built in, too; with `_` for `-`, as the kernel has them. Undefined: nothing lists them. */
  readonly modules: ReadonlySet<string> | undefined
  /** What it was built with (`CONFIG_...`); empty where that is not there. */
  readonly config: string
}

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

/** With and without a merged /usr. */
const folders = ['/usr/lib/modules', '/lib/modules']

/** `kernel/fs/overlayfs/overlay.ko.xz: <what it depends on>` (modules.dep(5)); modules.builtin has the same names alone. */
const moduleNames = (text: string): readonly string[] =>
  [...text.matchAll(/^[^:\s]*?([^/:\s]+)\.ko(?:\.\w+)?(?=:|\s|$)/gm)].map(([, name = '']) =>
    name.replaceAll('-', '_'),
  )

const readModules = async (root: Reader, folder: string): Promise<ReadonlySet<string> | undefined> => {
  const loadable = await root.read(`${folder}/modules.dep`)
  if (loadable === undefined) return undefined
  const builtIn = await root.read(`${folder}/modules.builtin`)
  return new Set([...moduleNames(decode(loadable)), ...moduleNames(decode(builtIn))])
}

export const readKernels = async (root: Reader): Promise<readonly BaseKernel[]> => {
  for (const folder of folders) {
    const releases = await root.list(folder)
    if (releases.length === 0) continue
    const kernels: BaseKernel[] = []
    for (const release of releases) {
      const place = `${folder}/${release}`
      const config = (await root.read(`/boot/config-${release}`)) ?? (await root.read(`${place}/config`))
      kernels.push({ modules: await readModules(root, place), config: decode(config) })
    }
    return kernels
  }
  return []
}

/** Those of the modules that no kernel has. None where a kernel does not list its own. */
export const lackingModules = (
  kernels: readonly BaseKernel[],
  needed: readonly string[],
): readonly string[] =>
  kernels.length === 0 || kernels.some(({ modules }) => modules === undefined)
    ? []
    : needed.filter((name) => !kernels.some(({ modules }) => modules?.has(name)))

/** Of the security modules that cannot be on together the first one is (kernel, security/security.c, LSM_FLAG_EXCLUSIVE). */
const exclusive = /\b(apparmor|selinux|smack)\b/

const startsAppArmor = (config: string): boolean => {
  if (!/^CONFIG_SECURITY_APPARMOR=y$/m.test(config)) return false
  const order = /^CONFIG_LSM="(.*)"$/m.exec(config)?.[1]
  // Kernels before 5.1 have no list.
  if (order === undefined) return /^CONFIG_DEFAULT_SECURITY_APPARMOR=y$/m.test(config)
  return exclusive.exec(order)?.[1] === 'apparmor'
}

/** Words of a command line that choose another one, or none. */
const chosen = /\b(?:apparmor=|security=|lsm=)/

const grubFiles = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg']

/** Whether AppArmor is on by what a kernel was built with. False where a command line says something of it. */
export const hasAppArmor = async (
  root: Reader,
  kernels: readonly BaseKernel[],
  commandLine: string,
): Promise<boolean> => {
  if (chosen.test(commandLine) || !kernels.some(({ config }) => startsAppArmor(config))) return false
  for (const path of grubFiles) if (chosen.test(decode(await root.read(path)))) return false
  return true
}
