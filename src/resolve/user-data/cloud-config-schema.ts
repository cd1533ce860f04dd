import Type from 'typebox'

const command = Type.Union([
  Type.String({ description: 'A line for the shell.' }),
  Type.Array(Type.String(), { description: 'A program and its arguments.' }),
])

const names = Type.Union([Type.String(), Type.Array(Type.String())])

const writtenFile = Type.Object(
  {
    path: Type.String({ pattern: '^/.*[^/]$' }),
    content: Type.Optional(Type.String()),
    encoding: Type.Optional(
      Type.Enum([
        'gz',
        'gzip',
        'gz+base64',
        'gzip+base64',
        'gz+b64',
        'gzip+b64',
        'b64',
        'base64',
        'text/plain',
      ]),
    ),
    owner: Type.Optional(Type.String({ pattern: '^[a-z_][a-z0-9_-]*(:[a-z_][a-z0-9_-]*)?$' })),
    permissions: Type.Optional(Type.String({ pattern: '^0?[0-7]{3,4}$' })),
    append: Type.Optional(Type.Boolean()),
    defer: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

const userEntry = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z_][a-z0-9_-]*$' }),
    gecos: Type.Optional(Type.String()),
    groups: Type.Optional(names),
    primary_group: Type.Optional(Type.String()),
    create_groups: Type.Optional(Type.Boolean()),
    no_user_group: Type.Optional(Type.Boolean()),
    homedir: Type.Optional(Type.String({ pattern: '^/' })),
    no_create_home: Type.Optional(Type.Boolean()),
    shell: Type.Optional(Type.String({ pattern: '^/' })),
    sudo: Type.Optional(names),
    lock_passwd: Type.Optional(Type.Boolean()),
    passwd: Type.Optional(Type.String()),
    hashed_passwd: Type.Optional(Type.String()),
    ssh_authorized_keys: Type.Optional(Type.Array(Type.String())),
    system: Type.Optional(Type.Boolean()),
    uid: Type.Optional(Type.Integer()),
    expiredate: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' })),
    inactive: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

const groupEntry = Type.Union([
  Type.String({ pattern: '^[a-z_][a-z0-9_-]*$' }),
  Type.Record(Type.String(), Type.Array(Type.String())),
])

/**
 * The keys of cloud-config that a module of our images reads, as cloud-init 25.1 has them
 * (docs.cloud-init.io, "Module reference": Bootcmd, Final Message, Runcmd, Users and Groups, Write Files).
 */
export const cloudConfigSchema = Type.Object(
  {
    bootcmd: Type.Optional(Type.Array(command)),
    runcmd: Type.Optional(Type.Array(command)),
    write_files: Type.Optional(Type.Array(writtenFile)),
    users: Type.Optional(Type.Array(userEntry)),
    groups: Type.Optional(Type.Array(groupEntry)),
    final_message: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

export type CloudConfig = Type.Static<typeof cloudConfigSchema>
