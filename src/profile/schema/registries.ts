import Type from 'typebox'
import { secretReference, text, textList } from './text.ts'

const mirror = Type.Object(
  {
    endpoint: Type.Optional(
      textList(
        'Where images of this registry are pulled from instead, tried in order; `/v2` is added to an address without a path.',
        [['https://registry.example.com']],
      ),
    ),
    rewrite: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'Other names at the mirror: a regular expression (Go, without lookaround) to its replacement, such as `mirror/$1`.',
        examples: [{ '^rancher/(.*)': 'mirror/rancher/$1' }],
      }),
    ),
  },
  {
    description: 'Another place for the images of one registry.',
    examples: [{ endpoint: ['https://registry.example.com'] }, {}],
    additionalProperties: false,
  },
)

const auth = Type.Object(
  {
    username: Type.Optional(text('Name of the user.', ['puller'])),
    password: Type.Optional(secretReference('The password of the user.')),
    token: Type.Optional(secretReference('An identity token, instead of user and password.')),
  },
  {
    description: 'Who pulls: user and password, or a token.',
    examples: [{ username: 'puller', password: { env: 'REGISTRY_PASSWORD' } }],
    additionalProperties: false,
  },
)

const tls = Type.Object(
  {
    ca: Type.Optional(
      text('Certificate authority of the registry, a PEM file, relative to the profile.', [
        './registry/ca.crt',
      ]),
    ),
    cert: Type.Optional(text('Client certificate, a PEM file.', ['./registry/client.crt'])),
    key: Type.Optional(secretReference('Key of the client certificate.')),
    insecureSkipVerify: Type.Optional(
      Type.Boolean({
        description: 'Take any certificate: whoever is between the node and the registry may change images.',
        default: false,
        examples: [true],
      }),
    ),
  },
  {
    description: 'How to know the registry, and how to be known to it.',
    examples: [{ ca: './registry/ca.crt' }],
    additionalProperties: false,
  },
)

const config = Type.Object(
  { auth: Type.Optional(auth), tls: Type.Optional(tls) },
  {
    description: 'How one registry is spoken to.',
    examples: [{ tls: { ca: './registry/ca.crt' } }],
    additionalProperties: false,
  },
)

/** The keys of k3s's own registries.yaml (docs.k3s.io/installation/private-registry), with names as in the rest of a profile. */
export const registriesSchema = Type.Object(
  {
    mirrors: Type.Optional(
      Type.Record(Type.String(), mirror, {
        description: 'By registry, `host` or `host:port`, or `"*"` for every one.',
        examples: [{ 'docker.io': { endpoint: ['https://registry.example.com'] } }],
      }),
    ),
    configs: Type.Optional(
      Type.Record(Type.String(), config, {
        description: 'By registry or by the host of an endpoint, `host` or `host:port`.',
        examples: [{ 'registry.example.com': { tls: { ca: './registry/ca.crt' } } }],
      }),
    ),
    embedded: Type.Optional(
      Type.Boolean({
        description: 'Nodes share the images that they hold. Without `mirrors`, those of every registry.',
        default: false,
        examples: [true],
      }),
    ),
    defaultEndpoint: Type.Optional(
      Type.Boolean({
        description: 'Whether the registry itself is asked when no mirror has an image.',
        default: true,
        examples: [false],
      }),
    ),
    systemDefault: Type.Optional(
      text(
        "Registry that k3s's own images are asked of, instead of docker.io. Images on board get its name beside their own.",
        ['registry.example.com'],
      ),
    ),
  },
  {
    description: 'Where nodes pull images from that are not on board.',
    examples: [{ mirrors: { 'docker.io': { endpoint: ['https://registry.example.com'] } } }],
    additionalProperties: false,
  },
)
