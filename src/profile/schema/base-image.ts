import Type from 'typebox'
import { text } from './text.ts'

/** Forms of a disk in a file. `raw` is the disk itself; the last three are a raw one, packed. */
export const imageForms = ['raw', 'qcow2', 'xz', 'zst', 'gz'] as const

export const baseImageSchema = Type.Object(
  {
    url: Type.Optional(
      text('Where `lock` downloads the image; it is kept, and not asked for again.', [
        'https://cloud.debian.org/images/cloud/trixie/latest/debian-13-generic-arm64.qcow2',
      ]),
    ),
    file: Type.Optional(text('Path of the image, relative to the profile.', ['./base.qcow2'])),
    sha256: Type.Optional(
      Type.String({
        description:
          'Checksum of the file as it is downloaded or lies there; without it the lock pins what it finds.',
        examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
        pattern: '^[0-9a-f]{64}$',
      }),
    ),
    format: Type.Optional(
      Type.Enum([...imageForms], {
        description: 'Form of the file. Default: what its content shows.',
        examples: ['qcow2'],
      }),
    ),
  },
  {
    description:
      'A disk image of your own instead of a base that the tool makes: its partitions stay as they are, and k3s and the seed are added behind them. See docs/bases.md.',
    examples: [{ file: './base.qcow2' }],
    additionalProperties: false,
  },
)
