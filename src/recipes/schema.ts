import Type from 'typebox'

/**
 * Shape of the files under images/. The types others use are in recipe.ts; read-recipes.ts turns one into the other without
 * a cast, so they cannot drift apart.
 */
const names = (description: string) => Type.Array(Type.String({ pattern: '^\\S+$' }), { description })

export const boardSchema = Type.Object(
  {
    title: Type.String({ description: 'What the board is, for people.' }),
    architecture: Type.Enum(['arm64', 'amd64'], { description: 'Architecture of its processor.' }),
    firmware: Type.Enum(['uefi'], { description: 'What starts the boot loader.' }),
    kernelArguments: names('Arguments for the kernel command line.'),
    qemu: Type.Object(
      {
        machine: Type.Enum(['virt', 'q35'], { description: 'QEMU machine that plays the board.' }),
        cpu: Type.String({ description: 'QEMU processor model.', pattern: '^\\S+$' }),
      },
      { description: 'How QEMU plays the board in a proof.', additionalProperties: false },
    ),
  },
  { description: 'A board: images/boards/<name>.yaml.', additionalProperties: false },
)

export const baseSchema = Type.Object(
  {
    title: Type.String({ description: 'What the base is, for people.' }),
    archives: Type.Record(Type.String(), Type.String({ pattern: '^https?://\\S+$' }), {
      description: 'Archive name to its URL.',
    }),
    suites: Type.Array(
      Type.Object(
        {
          archive: Type.String({ description: 'Name of the archive.' }),
          suite: Type.String({ description: 'Suite in it.', pattern: '^\\S+$' }),
          components: names('Components of the suite.'),
        },
        { description: 'One suite to take packages from.', additionalProperties: false },
      ),
      { description: 'Suites, first preferred.', minItems: 1 },
    ),
    keyring: Type.String({ description: 'Keyring file that signs the archives.' }),
    packages: names('Packages for every board.'),
    packagesByArchitecture: Type.Optional(
      Type.Object(
        {
          arm64: Type.Optional(names('Further packages for arm64.')),
          amd64: Type.Optional(names('Further packages for amd64.')),
        },
        { description: 'Packages for one architecture only.', additionalProperties: false },
      ),
    ),
    tools: names(
      "Packages of the building machine's architecture whose programs run natively in a foreign root.",
    ),
    enableUnits: names('systemd units that are enabled.'),
    maskUnits: names('systemd units that are masked.'),
    initrdModules: names('Kernel modules in the initrd.'),
    selinux: Type.Optional(
      Type.Boolean({
        description: 'Whether it has an SELinux policy for k3s (k3s-selinux). Default: false.',
      }),
    ),
  },
  { description: 'A base system: images/bases/<name>.yaml.', additionalProperties: false },
)

export type BoardFile = Type.Static<typeof boardSchema>
export type BaseFile = Type.Static<typeof baseSchema>
