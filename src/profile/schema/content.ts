import Type from 'typebox'
import { baseImageSchema } from './base-image.ts'
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

export const baseSchema = Type.Object(
  {
    os: Type.Optional(text('The base recipe.', ['debian-13'])),
    image: Type.Optional(baseImageSchema),
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
