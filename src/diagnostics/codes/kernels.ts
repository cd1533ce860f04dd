import type { CodeEntry } from './entry.ts'

/** L006x: what the packages of a kernel hold, and what a board asks of them. */
export const kernelLockCodes = {
  L0060: {
    title: 'package that is no usable kernel',
    explanation:
      "`base.kernel.packages` takes the Debian packages of one kernel for each page size, whole: the kernel itself (`/boot/vmlinuz-*`), its modules and its device trees, as the vendor's `linux-image-*-rpi-v8` and `-rpi-2712` have them, and the firmware (`raspi-firmware`). Files are taken out of them; their scripts are never run.",
  },
  L0061: {
    title: 'model without a device tree',
    explanation:
      "A kernel starts on a board only by the board's device tree, and the chosen kernel has none for this one: the card would not start. Debian's kernels have none for the Raspberry Pi 500 and the Compute Module 5; the vendor's have.",
  },
  L0062: {
    title: 'board of which some models have no device tree',
    explanation:
      'The board recipe stands for several models, and the chosen kernel has device trees for some of them only. The card starts on those. `pi.model` says which model the card is for, and ends this warning.',
  },
  L0063: {
    title: 'unknown overlay',
    explanation:
      'The firmware passes over an overlay that it does not find, and says so on no screen. Known are those in the packages of the kernel; `overlays/README` beside them describes each.',
  },
  L0064: {
    title: 'parameter that the overlay lacks',
    explanation:
      'The firmware passes over a parameter that an overlay does not have, and says so on no screen. Known are the names below `__overrides__` of the overlay; `overlays/README` in the package of the kernel describes each.',
  },
  L0065: {
    title: "parameter that the board's device tree lacks",
    explanation:
      'The firmware passes over a parameter (`dtparam`) that the device tree does not have. Known are the names below `__overrides__` of the device trees of this board in the chosen kernel.',
  },
  L0066: {
    title: 'no kernel with pages of this size',
    explanation:
      'A node asks by `pi.kernel` for pages of 4 or 16 KiB (default 4), and none of the kernels that the profile gives has them. `linux-image-*-rpi-v8` has 4 KiB, `-rpi-2712` has 16 KiB.',
  },
} as const satisfies Record<string, CodeEntry>
