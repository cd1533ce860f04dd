import Type from 'typebox'
import { secretReference } from './secret.ts'
import { text } from './text.ts'

const sources = ['image', 'file', 'oci', 'containersStorage'] as const

const imageEntry = Type.Object(
  {
    image: Type.Optional(
      text('Name of an image to pull, with tag or digest.', ['docker.io/library/nginx:1.29']),
    ),
    file: Type.Optional(
      text('Path of an image archive (docker or OCI; plain, gzip, xz or zstd), relative to the profile.', [
        './images/app.tar',
      ]),
    ),
    oci: Type.Optional(
      text('Path of a folder in the OCI image layout, relative to the profile.', ['./images/app']),
    ),
    tag: Type.Optional(
      text('Beside `oci`: only the image of this name or tag. Default: all of the layout.', ['1.4']),
    ),
    containersStorage: Type.Optional(
      text('Name of an image in the local store of podman or buildah.', ['localhost/app:1.4']),
    ),
    as: Type.Optional(
      text('The name it has on the nodes, with a tag. Default: its own.', ['registry.example.com/app:1.4']),
    ),
    architectures: Type.Optional(
      Type.Array(Type.Enum(['arm64', 'amd64']), {
        description: 'Carried on nodes of these architectures. Default: on all of the cluster.',
        examples: [['arm64']],
        minItems: 1,
      }),
    ),
  },
  {
    description: `An image and where it is: exactly one of ${sources.map((key) => `\`${key}\``).join(', ')}.`,
    examples: [{ file: './images/app.tar' }],
    oneOf: sources.map((key) => ({ required: [key] })),
    dependentRequired: { tag: ['oci'] },
    additionalProperties: false,
  },
)

export const extraImages = Type.Optional(
  Type.Array(Type.Union([text('A container image by name.', ['docker.io/library/nginx:1.29']), imageEntry]), {
    description:
      "Container images to carry besides k3s's own: names to pull, archives, layouts. Pinned by digest in the lock and merged into one archive per architecture.",
    examples: [['docker.io/library/nginx:1.29', { file: './images/app.tar' }]],
  }),
)

const registrySettings = Type.Object(
  {
    registry: text('Host of the registry, with its port where it has one.', ['registry.example.com:5000']),
    username: Type.Optional(text('User to log in with; the password is beside it.', ['builder'])),
    password: Type.Optional(secretReference('Password or access token of the user.')),
    ca: Type.Optional(
      text('Path of a PEM file with the CA that signed its certificate, relative to the profile.', [
        './registry-ca.pem',
      ]),
    ),
    mirrors: Type.Optional(
      Type.Array(Type.String({ pattern: '\\S' }), {
        description:
          'Hosts, with a path where images lie below one, that are asked first, in this order; the registry itself is the last.',
        examples: [['mirror.example.com:5000/docker.io']],
        minItems: 1,
      }),
    ),
    insecure: Type.Optional(
      Type.Boolean({
        description: 'Takes any certificate, and plain HTTP. Digests are checked all the same.',
        default: false,
        examples: [true],
      }),
    ),
  },
  {
    description: 'How `lock` reaches one registry.',
    examples: [{ registry: 'registry.example.com', ca: './registry-ca.pem' }],
    dependentRequired: { username: ['password'], password: ['username'] },
    additionalProperties: false,
  },
)

export const pullSettings = Type.Optional(
  Type.Array(registrySettings, {
    description:
      'How registries are reached from the machine that runs `lock`. Without an entry: the logins of podman and docker there, and the CAs of its system. Nodes never see any of it.',
    examples: [
      [{ registry: 'registry.example.com', username: 'builder', password: { env: 'REGISTRY_PASSWORD' } }],
    ],
  }),
)
