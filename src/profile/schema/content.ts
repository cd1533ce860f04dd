import Type from 'typebox'
import { extraImages, pullSettings } from './images.ts'
import { kernelSchema } from './kernel.ts'
import { text } from './text.ts'
import { packageNamePattern } from './text-patterns.ts'
import { chartConfigsSchema, chartsSchema, manifestsSchema, pulledSchema } from './workloads.ts'

export const imagesSchema = Type.Object(
  {
    extra: extraImages,
    pull: pullSettings,
    manifests: Type.Optional(manifestsSchema),
    charts: Type.Optional(chartsSchema),
    chartConfigs: Type.Optional(chartConfigsSchema),
    pulled: Type.Optional(pulledSchema),
  },
  {
    description: 'What runs on the cluster from the first boot, carried on the image.',
    examples: [{ manifests: ['./manifests/app.yaml'] }],
    additionalProperties: false,
  },
)

const baseImage = Type.Object(
  {
    url: Type.Optional(text('Where to download the image.', ['https://example.com/base.img.xz'])),
    file: Type.Optional(text('Path of the image, relative to the profile.', ['./base.qcow2'])),
    sha256: Type.Optional(
      Type.String({
        description: 'Checksum of the file as downloaded.',
        examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
        pattern: '^[0-9a-f]{64}$',
      }),
    ),
    format: Type.Optional(
      Type.Enum(['raw', 'qcow2', 'xz', 'zst'], { description: 'Form of the file.', examples: ['qcow2'] }),
    ),
  },
  {
    description: 'A base image of your own instead of one that the tool makes.',
    examples: [{ file: './base.qcow2', format: 'qcow2' }],
    additionalProperties: false,
  },
)

export const baseSchema = Type.Object(
  {
    os: Type.Optional(text('The base recipe.', ['debian-13'])),
    image: Type.Optional(baseImage),
    kernel: Type.Optional(kernelSchema),
    packages: Type.Optional(
      Type.Array(Type.String({ pattern: packageNamePattern }), {
        description: 'Debian packages beyond those of the recipe.',
        examples: [['wireguard-tools']],
      }),
    ),
  },
  {
    description: 'The operating system under k3s.',
    default: { os: 'debian-13' },
    examples: [{ os: 'debian-13', packages: ['wireguard-tools'] }],
    additionalProperties: false,
  },
)
