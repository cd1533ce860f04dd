import Type from 'typebox'

/** Shape of images/k3s/*.json: tables of what each minor of k3s knows. One entry a line; `make docs` makes the checker. */
const minor = Type.String({ description: 'A minor, such as `1.26`.', pattern: '^1\\.\\d+$' })
const releases = Type.Array(Type.String({ pattern: '^1\\.\\d+\\.\\d+$' }), {
  description:
    'The first release of each minor that has it, in order: minors after the last have it, minors before the first have not.',
  minItems: 1,
})
const about = Type.String({ description: 'What it does, for people.' })
const sources = Type.Array(Type.String(), { description: 'Where these facts come from.', minItems: 1 })

/** When something came and went. */
const span = {
  since: Type.Optional(releases),
  removed: Type.Optional(minor),
  deprecated: Type.Optional(minor),
  instead: Type.Optional(Type.String({ description: 'What replaces it.' })),
}

const value = Type.Object(
  { value: Type.String({ description: 'The value.' }), ...span },
  { description: 'A value that the key takes.', additionalProperties: false },
)

const plain = Type.Union([Type.Boolean(), Type.Number(), Type.String(), Type.Array(Type.String())], {
  description: 'Default; none where it follows from other settings.',
})

export const keyTypes = ['boolean', 'number', 'text', 'list', 'duration'] as const
export const keyFormats = [
  'address',
  'count',
  'cron',
  'domain',
  'host',
  'interface',
  'label',
  'mode',
  'network',
  'path',
  'port',
  'port-range',
  'positive',
] as const

const key = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9-]+$', description: 'The long flag without dashes.' }),
    type: Type.Enum([...keyTypes], { description: 'list: a flag that may be given several times.' }),
    on: Type.Enum(['server', 'agent', 'both'], {
      description: 'Which of `k3s server` and `k3s agent` knows it.',
    }),
    agentSince: Type.Optional(releases),
    default: Type.Optional(plain),
    defaultBefore: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Default before a minor, oldest first.' }),
    ),
    ...span,
    equal: Type.Optional(Type.Literal(true, { description: 'Must be equal on all servers.' })),
    hidden: Type.Optional(Type.Literal(true, { description: 'Not in the help text of k3s.' })),
    values: Type.Optional(Type.Array(value, { description: 'Values that it takes.' })),
    otherValues: Type.Optional(Type.Literal(true, { description: 'Others may work: plugins add some.' })),
    format: Type.Optional(
      Type.Enum([...keyFormats], { description: 'What its text or number must look like.' }),
    ),
    component: Type.Optional(Type.String({ description: 'Whose flags its entries are.' })),
    alias: Type.Optional(Type.String({ description: 'Short form of the flag.' })),
    secret: Type.Optional(
      Type.Enum(['always', 'with-password'], {
        description:
          'Whether its value must not stand in a profile: always, or when it names a user and a password.',
      }),
    ),
    owned: Type.Optional(Type.String({ description: 'Why a profile may not set it.' })),
    about,
  },
  { description: 'A key of config.yaml.', additionalProperties: false },
)

export const k3sKeysSchema = Type.Object(
  {
    sources,
    minors: Type.Array(Type.Integer(), {
      description: 'Oldest and newest minor that the table is true of.',
      minItems: 2,
      maxItems: 2,
    }),
    keys: Type.Array(key, { description: 'Every key, by name.' }),
  },
  { description: 'images/k3s/keys.json', additionalProperties: false },
)

const component = Type.Object(
  {
    known: Type.Array(Type.Integer(), {
      description: 'Minors whose list is whole; of others nothing is said.',
      minItems: 1,
    }),
    flags: Type.Record(
      Type.String(),
      Type.String({ pattern: '^(boolean|number|text|list|duration|other)( (\\d+)?-(\\d+)?)?$' }),
      {
        description:
          'By name: the type, and the minors that know it where not all do: `26-` from 1.26 on, `-30` up to 1.29. `other`: a form of its own.',
      },
    ),
    owned: Type.Record(Type.String(), Type.String(), {
      description: 'Flags that k3s itself sets and that its other parts count on, and what to use instead.',
    }),
  },
  { description: 'Flags of a component that k3s runs.', additionalProperties: false },
)

export const k3sFlagsSchema = Type.Object(
  { sources, components: Type.Record(Type.String(), component, { description: 'By name.' }) },
  { description: 'images/k3s/flags.json', additionalProperties: false },
)

export type K3sFlagsFile = Type.Static<typeof k3sFlagsSchema>
export type K3sKeysFile = Type.Static<typeof k3sKeysSchema>
