import Type from 'typebox'
import { textList } from './text.ts'

export const kernelSchema = Type.Union(
  [
    Type.Enum(['stable', 'backports']),
    Type.Object(
      {
        packages: textList(
          "Packages (.deb) of the vendor's kernel, one for each page size in use, and of its firmware; paths relative to the profile. The lock pins them.",
          [['./vendor/linux-image-6.12.47+rpt-rpi-v8_arm64.deb', './vendor/raspi-firmware_all.deb']],
        ),
      },
      {
        description:
          "The vendor's kernel, for those nodes that are Raspberry Pis; others have the stable one.",
        examples: [{ packages: ['./vendor/linux-image-6.12.47+rpt-rpi-v8_arm64.deb'] }],
        additionalProperties: false,
      },
    ),
  ],
  {
    description:
      "stable: the kernel that the base was released with. backports: a newer one of the same distribution, for all nodes; a Raspberry Pi 5 needs it, or the vendor's. See docs/boards.md.",
    default: 'stable',
    examples: ['backports', { packages: ['./vendor/linux-image-6.12.47+rpt-rpi-v8_arm64.deb'] }],
  },
)
