import type { Command } from 'commander'
import { Option } from 'commander'
import type { Host } from '../host/host.ts'

export type Flags = Readonly<Record<string, unknown>>

/** What `src/cli/commands/<name>.ts` exports; its options are the type of the same name in options.ts. */
export interface CommandModule {
  readonly run: (host: Host, options: never) => Promise<number>
}

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Loaded when the command runs, so that `validate` does not pay for QEMU's, apt's and X.509's code. */
  readonly load: () => Promise<CommandModule>
  /** Adds arguments and flags beyond those that every command has. */
  readonly configure: (command: Command) => Command
  /** From the command line to the fields of the command's own options. */
  readonly options: (argument: string | undefined, flags: Flags) => object
  /** Whether the command may open sockets, before anything else is known. */
  readonly offline: (flags: Flags) => boolean
}

export const textOf = (flags: Flags, name: string): string | undefined =>
  typeof flags[name] === 'string' ? flags[name] : undefined

const always = (): boolean => true
const never = (): boolean => false

export const format = (choices: readonly string[] = ['text', 'json']): Option =>
  new Option('--format <format>', 'form of the result on stdout').choices(choices).default('text')

export const takesProfile = (command: Command): Command =>
  command
    .argument('<profile>', 'path of the profile')
    .option('--strict', 'treat warnings as errors')
    .option(
      '--allow-literal-secrets',
      'for labs: a secret that stands in the profile is a warning, not an error',
    )

const takesArtifacts = (command: Command): Command =>
  command.option(
    '--artifacts <dir|url>',
    'where the files of the k3s release are; default: the upstream release address',
  )

const takesOutput = (command: Command): Command =>
  command.option('-o, --output <dir>', 'output folder; images go to <dir>/<cluster>/', 'out')

const takesNode = (command: Command): Command => command.option('--node <name>', 'only this node')

export const profileOptions = (argument: string | undefined, flags: Flags): object => ({
  profile: argument,
  strict: flags['strict'] === true,
  allowLiteralSecrets: flags['allowLiteralSecrets'] === true,
})

const buildOptions = (argument: string | undefined, flags: Flags): object => ({
  ...profileOptions(argument, flags),
  artifacts: textOf(flags, 'artifacts'),
  output: textOf(flags, 'output') ?? 'out',
  node: textOf(flags, 'node'),
})

/** Every command, in the order of `appliance --help`. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'write a commented starter profile',
    load: () => import('./commands/init.ts'),
    configure: (command) => command.argument('[dir]', 'folder for the profile', '.').addOption(format()),
    options: (argument) => ({ directory: argument ?? '.' }),
    offline: always,
  },
  {
    name: 'validate',
    summary: 'check a profile: file, line, column and a next step',
    load: () => import('./commands/validate.ts'),
    configure: (command) => takesProfile(command).addOption(format()),
    options: profileOptions,
    offline: always,
  },
  {
    name: 'lock',
    summary: 'pin every input; the only step that needs the network',
    load: () => import('./commands/lock.ts'),
    configure: (command) =>
      takesArtifacts(takesProfile(command))
        .option('--check', 'list pinned packages that have newer security versions; change nothing')
        .option('--export <dir>', 'copy all inputs there, to build from them for years')
        .addOption(format()),
    options: (argument, flags) => ({
      ...profileOptions(argument, flags),
      artifacts: textOf(flags, 'artifacts'),
      check: flags['check'] === true,
      exportDirectory: textOf(flags, 'export'),
    }),
    offline: never,
  },
  {
    name: 'plan',
    summary: 'show partitions, sizes, inputs, files and secret references',
    load: () => import('./commands/plan.ts'),
    configure: (command) => takesNode(takesProfile(command)).addOption(format()),
    options: (argument, flags) => ({ ...profileOptions(argument, flags), node: textOf(flags, 'node') }),
    offline: always,
  },
  {
    name: 'render',
    summary: 'print the documents of the front end alone, to bring them to a node in another way',
    load: () => import('./commands/render.ts'),
    configure: (command) =>
      takesProfile(command)
        .requiredOption('--node <name>', 'the node that they are for')
        .option('--document <name>', 'only this one, as it is: user-data, meta-data, config.ign')
        .option('-o, --output <dir>', 'write them there, each under its name')
        .addOption(format()),
    options: (argument, flags) => ({
      ...profileOptions(argument, flags),
      node: textOf(flags, 'node'),
      document: textOf(flags, 'document'),
      output: textOf(flags, 'output'),
    }),
    offline: always,
  },
  {
    name: 'build',
    summary: 'build the images of a profile',
    load: () => import('./commands/build.ts'),
    configure: (command) =>
      takesNode(takesOutput(takesArtifacts(takesProfile(command))))
        .option('--offline', 'never open a socket; every input must be in the cache')
        .option(
          '--new-cluster',
          'give up the cluster of this name: make new keys; the old state is kept aside',
        )
        .addOption(format()),
    options: (argument, flags) => ({
      ...buildOptions(argument, flags),
      offline: flags['offline'] === true,
      newCluster: flags['newCluster'] === true,
    }),
    offline: (flags) => flags['offline'] === true,
  },
  {
    name: 'replace',
    summary: 'build an image for a machine that takes the place of one that is lost, under its name',
    load: () => import('./commands/replace.ts'),
    configure: (command) =>
      takesOutput(takesArtifacts(takesProfile(command)))
        .requiredOption('--node <name>', 'the node to replace')
        .option('--backup <file>', "copy of the lost server's datastore: state.db, or a tar of server/db")
        .option('--new-datastore', 'begin with an empty cluster: everything that the server knew is given up')
        .option('--offline', 'never open a socket; every input must be in the cache')
        .addOption(format()),
    options: (argument, flags) => ({
      ...buildOptions(argument, flags),
      offline: flags['offline'] === true,
      backup: textOf(flags, 'backup'),
      newDatastore: flags['newDatastore'] === true,
    }),
    offline: (flags) => flags['offline'] === true,
  },
  {
    name: 'bundle',
    summary: 'write k3s, image archives and manifests alone, one file for an architecture',
    load: () => import('./commands/bundle.ts'),
    configure: (command) =>
      takesNode(takesArtifacts(takesProfile(command)))
        .option('--arch <architecture>', 'only for arm64 or amd64')
        .option('-o, --output <file>', 'file to write; default: <cluster>-<architecture>.bundle.tar')
        .option('--offline', 'never open a socket; every input must be in the cache')
        .addOption(format()),
    options: (argument, flags) => ({
      ...profileOptions(argument, flags),
      artifacts: textOf(flags, 'artifacts'),
      file: textOf(flags, 'output'),
      node: textOf(flags, 'node'),
      architecture: textOf(flags, 'arch'),
    }),
    offline: (flags) => flags['offline'] === true,
  },
  {
    name: 'inspect',
    summary: 'show what is on an image or in a bundle, without booting it and without root',
    load: () => import('./commands/inspect.ts'),
    configure: (command) => command.argument('<image>', 'path of the image or bundle').addOption(format()),
    options: (argument) => ({ image: argument }),
    offline: always,
  },
  {
    name: 'test',
    summary: 'boot the built images in QEMU and prove them, offline',
    load: () => import('./commands/test.ts'),
    configure: (command) =>
      takesNode(takesOutput(takesArtifacts(takesProfile(command))))
        .addOption(
          new Option('--accel <accelerator>', 'accelerator of QEMU; auto probes')
            .choices(['auto', 'kvm', 'tcg'])
            .default('auto'),
        )
        .addOption(format(['text', 'json', 'junit'])),
    options: (argument, flags) => ({
      ...buildOptions(argument, flags),
      format: textOf(flags, 'format') ?? 'text',
      accel: textOf(flags, 'accel') ?? 'auto',
    }),
    offline: never,
  },
  {
    name: 'explain',
    summary: 'explain a code (P0107) or a key of the profile (nodes.board)',
    load: () => import('./commands/explain.ts'),
    configure: (command) => command.argument('<subject>', 'code or profile path').addOption(format()),
    options: (argument) => ({ subject: argument }),
    offline: always,
  },
]
