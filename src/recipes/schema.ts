import Type from 'typebox'

/**
 * Shape of the files under images/. The types others use are in recipe.ts; read-recipes.ts turns one into the other without
 * a cast, so they cannot drift apart.
 */
const names = (description: string) => Type.Array(Type.String({ pattern: '^\\S+$' }), { description })

const configLines = (description: string) =>
  Type.Array(Type.String({ pattern: '^[a-z0-9_]+=\\S+$' }), { description })

const raspberryPi = Type.Object(
  {
    package: Type.String({
      description: 'Debian package that holds the firmware.',
      pattern: '^[a-z0-9.+-]+$',
    }),
    folder: Type.String({ description: 'Folder of the firmware in that package.', pattern: '^[^/].*[^/]$' }),
    files: Type.Array(Type.String({ pattern: '^[^/\\s]+$' }), {
      description: 'What the board reads from the boot partition before there is a kernel, all of it.',
    }),
    deviceTrees: Type.Array(
      Type.Object(
        {
          model: Type.String({ description: 'The model it describes, for people.' }),
          file: Type.String({
            description: "Its name in the kernel's own tree.",
            pattern: '^[^/\\s]+\\.dtb$',
          }),
          memoryMib: Type.Optional(
            Type.Integer({ description: 'The most memory that the model comes with.', minimum: 256 }),
          ),
          vendorFile: Type.Optional(
            Type.String({
              description: "Its name in the vendor's kernel, where it differs.",
              pattern: '^[^/\\s]+\\.dtb$',
            }),
          ),
          console: Type.Optional(
            Type.String({
              description:
                "Argument of `console=` with a device tree of the kernel's own, where its serial pins are another port's than those of the board's other models.",
              pattern: '^\\S+$',
            }),
          ),
          kernels: Type.Optional(
            Type.Array(Type.Enum(['stable', 'backports', 'given']), {
              description: 'Kernels with a device tree for it, where not all that drive the board have one.',
              minItems: 1,
            }),
          ),
        },
        { description: 'One model of the board.', additionalProperties: false },
      ),
      { description: 'A device tree for each model; the firmware chooses by what it finds.', minItems: 1 },
    ),
    cutDownFiles: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^/\\s]+$' }), {
        description: 'What it reads beside them where the graphics processor has only 16 MiB.',
      }),
    ),
    config: configLines(
      'Lines of config.txt that the board needs, beside those that name kernel and initrd.',
    ),
    kernels: Type.Array(Type.Enum(['stable', 'backports', 'given']), {
      description: "Kernels that drive it; given: the vendor's.",
      minItems: 1,
    }),
    upstreamConfig: configLines("Lines of config.txt that go with device trees of the kernel's own tree."),
    serial: Type.Object(
      {
        console: Type.String({ description: 'Argument of `console=`.', pattern: '^\\S+$' }),
        vendorConsole: Type.String({
          description: "The same for the vendor's kernel.",
          pattern: '^\\S+$',
        }),
        config: configLines('Lines of config.txt that switch it on.'),
      },
      { description: 'The serial console.', additionalProperties: false },
    ),
    pageSizes: Type.Array(Type.Enum(['4k', '16k']), {
      description: 'Sizes of memory pages that its processor knows.',
      minItems: 1,
    }),
    settings: Type.Array(Type.Enum(['gpuMemory', 'usbBoot']), {
      description: 'Settings of `pi` that not every board has.',
    }),
    fans: Type.Array(Type.Enum(['pi5', 'poe', 'poe-plus', 'gpio']), {
      description: 'Kinds of fans that fit it.',
    }),
  },
  { description: 'The firmware of a Raspberry Pi and what it reads.', additionalProperties: false },
)

export const boardSchema = Type.Object(
  {
    title: Type.String({ description: 'What the board is, for people.' }),
    architecture: Type.Enum(['arm64', 'amd64'], { description: 'Architecture of its processor.' }),
    firmware: Type.Union([Type.Enum(['uefi']), raspberryPi], {
      description: 'What starts the kernel: UEFI firmware in the board, or files of a Raspberry Pi.',
    }),
    kernelArguments: names('Arguments for the kernel command line.'),
    medium: Type.Optional(
      Type.Enum(['sd', 'emmc', 'nvme', 'ssd', 'usb'], {
        description: 'What it runs from where the profile does not say; absent: an SSD.',
      }),
    ),
    watchdog: Type.Optional(
      Type.String({
        description: 'Kernel module of its watchdog, where every model has the same.',
        pattern: '^\\S+$',
      }),
    ),
    wirelessPackages: names(
      'Packages with the firmware of its radio, where a node joins a wireless network.',
    ),
    qemu: Type.Object(
      {
        machine: Type.Enum(['virt', 'q35', 'raspi3b'], { description: 'QEMU machine that plays the board.' }),
        cpu: Type.String({ description: 'QEMU processor model.', pattern: '^\\S+$' }),
        direct: Type.Optional(
          Type.Object(
            {
              deviceTree: Type.Optional(
                Type.String({ description: 'File name of the device tree.', pattern: '^[^/\\s]+\\.dtb$' }),
              ),
              kernelArguments: names('Arguments that the machine needs beyond those of the image.'),
            },
            {
              description:
                'QEMU takes the part of the firmware: kernel and all come from the boot partition.',
              additionalProperties: false,
            },
          ),
        ),
      },
      { description: 'How QEMU plays the board in a proof.', additionalProperties: false },
    ),
  },
  { description: 'A board: images/boards/<name>.yaml.', additionalProperties: false },
)

const suite = Type.Object(
  {
    archive: Type.String({ description: 'Name of the archive.' }),
    suite: Type.String({ description: 'Suite in it.', pattern: '^\\S+$' }),
    components: names('Components of the suite.'),
  },
  { description: 'One suite to take packages from.', additionalProperties: false },
)

const kernelNames = (description: string) =>
  Type.Object(
    {
      '4k': Type.Optional(Type.String({ description: 'With pages of 4 KiB.', pattern: '^\\S+$' })),
      '16k': Type.Optional(Type.String({ description: 'With pages of 16 KiB.', pattern: '^\\S+$' })),
    },
    { description, additionalProperties: false },
  )

const frontEnd = Type.Object(
  {
    packages: names('Packages for this front end alone.'),
    enableUnits: names('systemd units of it that are enabled.'),
  },
  { description: 'A front end of the provisioning.', additionalProperties: false },
)

export const baseSchema = Type.Object(
  {
    title: Type.String({ description: 'What the base is, for people.' }),
    archives: Type.Record(Type.String(), Type.String({ pattern: '^https?://\\S+$' }), {
      description: 'Archive name to its URL.',
    }),
    suites: Type.Array(suite, { description: 'Suites, first preferred.', minItems: 1 }),
    firmwareSuites: Type.Array(suite, {
      description: 'Suites to take firmware of the boot partition from, for boards that need it.',
    }),
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
    frontEnds: Type.Object(
      { 'cloud-init': frontEnd, ignition: frontEnd },
      { description: 'What `provision` chooses from.', additionalProperties: false },
    ),
    wirelessPackages: names('Further packages where a node joins a wireless network.'),
    kernels: Type.Object(
      {
        arm64: Type.Optional(kernelNames('Kernels for arm64.')),
        amd64: Type.Optional(kernelNames('Kernels for amd64.')),
      },
      { description: 'Package of the kernel, by architecture and page size.', additionalProperties: false },
    ),
    kernelSuites: Type.Array(suite, { description: 'Suites to take a newer kernel from.' }),
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
