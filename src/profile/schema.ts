import Type from 'typebox'
import { clusterSchema } from './schema/cluster.ts'
import { baseSchema, imagesSchema } from './schema/content.ts'
import { defaultsSchema, nodeSchema } from './schema/node.ts'
import { accessSchema, siteSchema } from './schema/site.ts'
import { textList } from './schema/text.ts'

/**
 * The one source of the profile's shape: types here, the checker (generated/check-shape.ts), the schema for editors and
 * docs/profile.md are made from it. Nothing at run time imports this module but `explain`: loading typebox takes longer
 * than checking a profile.
 */
export const profileSchema = Type.Object(
  {
    apiVersion: Type.Enum(['appliance/v1alpha1'], {
      description: 'Version of this format.',
      examples: ['appliance/v1alpha1'],
    }),
    cluster: clusterSchema,
    defaults: Type.Optional(defaultsSchema),
    nodes: Type.Array(nodeSchema, {
      description: 'The nodes of the cluster; the first server starts it.',
      examples: [[{ name: 'bakery-1', role: 'server', board: 'arm64-uefi' }]],
      minItems: 1,
    }),
    site: Type.Optional(siteSchema),
    access: accessSchema,
    images: Type.Optional(imagesSchema),
    base: Type.Optional(baseSchema),
    provision: Type.Optional(
      Type.Enum(['cloud-init', 'ignition'], {
        description: 'What sets the node up at its first boot.',
        default: 'cloud-init',
        examples: ['cloud-init'],
      }),
    ),
    userData: Type.Optional(
      textList(
        'Files of your own for what `provision` names, beside what the tool makes: cloud-config, or Butane and Ignition JSON; paths relative to the profile. See docs/user-data.md.',
        [['./site/user-data.yaml']],
      ),
    ),
    outputs: Type.Optional(
      Type.Array(Type.Enum(['raw', 'zst']), {
        description: 'Forms of each image: raw, and compressed by zstd.',
        default: ['raw'],
        examples: [['raw', 'zst']],
        minItems: 1,
      }),
    ),
  },
  {
    title: 'appliance profile',
    description: 'One file describes one cluster; every node gets its image from it.',
    additionalProperties: false,
  },
)

export type Profile = Type.Static<typeof profileSchema>
export type ProfileNode = Profile['nodes'][number]
export type ProfileNetwork = NonNullable<ProfileNode['network']>
