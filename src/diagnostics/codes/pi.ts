import type { CodeEntry } from './entry.ts'

/** R17: `pi`, what only Raspberry Pis have, and the kernel that goes with them. */
export const piRuleCodes = {
  R1700: {
    title: 'Raspberry Pi settings on another board',
    explanation:
      '`pi` holds what only the firmware of a Raspberry Pi reads. On a node of another board it would do nothing, so it is refused. Under `defaults` it is for those nodes that are Raspberry Pis, and at least one must be.',
  },
  R1701: {
    title: "setting that needs the vendor's kernel",
    explanation:
      "Overlays and parameters change the device tree that the firmware gives to the kernel. The device trees of Debian's kernel have no places for them (`__symbols__`, `__overrides__`): the firmware would pass over the setting and say so on no screen. The vendor's kernel (package `linux-image-rpi-v8` or `linux-image-rpi-2712` and what it depends on, from archive.raspberrypi.com) has them: name its files under `base.kernel.packages`. Bluetooth is switched off without one by `pi.bluetooth: false`.",
  },
  R1702: {
    title: 'line of config.txt that cannot be used',
    explanation:
      'Lines under `pi.config` go to the end of config.txt as they are. What the tool writes itself, or what names a file that is not on the boot partition, would leave a card that does not start, and has a key of its own where it makes sense. The firmware reads 98 characters of a line (raspberrypi.com/documentation, config.txt).',
  },
  R1703: {
    title: 'kernel argument that cannot be used',
    explanation:
      'cmdline.txt is one line: the firmware passes over all after the first line break, and the node would start without what stands there. Each entry of `pi.cmdline` is one word of that line. What the image itself says there, such as `root`, cannot be said twice.',
  },
  R1704: {
    title: 'page size that the processor does not know',
    explanation:
      'The processors of Raspberry Pi 3 (Cortex-A53) and 4 (Cortex-A72) know pages of 4 KiB and 64 KiB, not of 16 KiB (their manuals, ID_AA64MMFR0_EL1.TGran16): such a kernel stops before its first line. A Raspberry Pi 5 (Cortex-A76) knows them.',
  },
  R1705: {
    title: 'unknown model',
    explanation:
      'A board recipe stands for all models of a family and names each. `pi.model` says which one the card is for, so that a missing device tree is told at the desk.',
  },
  R1706: {
    title: 'setting that the model does not have',
    explanation:
      'Each Raspberry Pi has its own: memory of the graphics processor is set apart up to the 4; the bit that lets a board start from USB is that of the 3, later boards have the order of media in their EEPROM and start from USB as delivered; the fan connector is that of the 5.',
  },
  R1707: {
    title: 'kernel that does not drive the board',
    explanation:
      "A card with this kernel would not start, or start without network: Debian 13's own kernel (6.12) drives neither Ethernet nor USB of a Raspberry Pi 5, which hang on its RP1 chip. That of trixie-backports does, for the 5 Model B. The vendor's kernel drives all models: name its packages under `base.kernel.packages`.",
  },
  R1708: {
    title: 'kernel packages that nobody uses',
    explanation:
      '`base.kernel.packages` is the kernel of those nodes that are Raspberry Pis. Without such a node, or without a package, it would do nothing.',
  },
} as const satisfies Record<string, CodeEntry>
