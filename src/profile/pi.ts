import type { ProfileNode } from './schema.ts'

export type ProfilePi = NonNullable<ProfileNode['pi']>
type Overlay = NonNullable<ProfilePi['overlays']>[number]
type ParameterValue = NonNullable<ProfilePi['params']>[string]

export const overlayName = (overlay: Overlay): string =>
  typeof overlay === 'string' ? overlay : overlay.name

export const overlayParameters = (overlay: Overlay): Readonly<Record<string, ParameterValue>> =>
  typeof overlay === 'string' ? {} : (overlay.params ?? {})

/** `true` -> `on`: the firmware takes both, the people of the vendor write the latter. */
export const parameterText = (value: ParameterValue): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)

/** Keys of config.txt that the tool writes, or that name files which are not on the boot partition. */
export const ownConfigKeys: Readonly<Record<string, string>> = {
  arm_64bit: 'the kernel is a 64-bit one',
  auto_initramfs: 'the initrd is named by `initramfs`',
  cmdline: 'use `pi.cmdline` for further words of the command line',
  device_tree: 'the firmware chooses the device tree of the model',
  device_tree_address: 'the firmware chooses the device tree of the model',
  dtoverlay: 'use `pi.overlays`, which are checked',
  dtparam: 'use `pi.params` and the `params` of `pi.overlays`, which are checked',
  enable_uart: 'use `pi.uart`',
  fixup_file: 'only the firmware of the board recipe is on the partition',
  gpu_mem: 'use `pi.gpuMemory`',
  include: 'there is no other file on the partition',
  initramfs: 'the initrd is that of the base',
  kernel: 'the kernel is that of the base',
  os_prefix: 'the partition has one slot, `a/`',
  overlay_prefix: 'overlays lie in the folder of their slot',
  program_usb_boot_mode: 'use `pi.usbBoot`',
  ramfsfile: 'the initrd is that of the base',
  start_debug: 'only the firmware of the board recipe is on the partition',
  start_file: 'only the firmware of the board recipe is on the partition',
  start_x: 'only the firmware of the board recipe is on the partition',
  upstream_kernel: 'it goes with the kernel',
}

/** Arguments of the kernel that the tool writes: a second one would win, and the node not start. */
export const ownKernelArguments: readonly string[] = [
  'init',
  'initrd',
  'rd.systemd.unit',
  'ro',
  'root',
  'rootflags',
  'rootfstype',
  'rw',
  'systemd.gpt_auto',
  'systemd.unit',
]
