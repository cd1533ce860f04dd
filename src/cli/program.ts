import { Command, CommanderError, Option } from 'commander'
import type { Host } from '../host/host.ts'
import { exitCodes } from './exit-codes.ts'
import type { CommonOptions } from './options.ts'
import { reportFault } from './report-fault.ts'
import type { Terminal } from './terminal.ts'

/** What a host must know of the flags before it is made. */
export interface HostSettings {
  readonly offline: boolean
  readonly verbose: boolean
  /** Talk as JSON lines instead of progress bars and prose. */
  readonly json: boolean
  readonly color: boolean
}

interface TextStream {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean
}

/** A host that is closed after the command: temporary folders, mounts and processes go with it. */
export interface ProgramHost extends Host {
  readonly close: () => Promise<void>
}

/** The world around one run of the program; main.ts gives the real one, tests a collector. */
export interface ProgramWorld {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly version: string
  readonly createHost: (settings: HostSettings) => ProgramHost
}

type CommandName = 'init' | 'validate' | 'lock' | 'plan' | 'build' | 'inspect' | 'test' | 'explain'

interface CommandModule {
  readonly run: (host: Host, options: never) => Promise<number>
}

/** Loaded when the command runs, so that `validate` does not pay for QEMU's, apt's and X.509's code. */
const loadCommand = async (name: CommandName): Promise<CommandModule> =>
  (await import(`./commands/${name}.ts`)) as CommandModule

type Flags = Readonly<Record<string, unknown>>

const textOf = (flags: Flags, name: string): string | undefined =>
  typeof flags[name] === 'string' ? flags[name] : undefined

const terminalOf = (world: ProgramWorld, flags: Flags): Terminal => {
  const wanted = textOf(flags, 'color') ?? 'auto'
  const noColor = (world.environment['NO_COLOR'] ?? '') !== ''
  const colorOn = (isTTY: boolean): boolean =>
    wanted === 'always' || (wanted === 'auto' && isTTY && !noColor && world.environment['TERM'] !== 'dumb')
  return {
    out: (text) => world.stdout.write(text),
    err: (text) => world.stderr.write(text),
    colorOut: colorOn(world.stdout.isTTY === true),
    colorErr: colorOn(world.stderr.isTTY === true),
  }
}

const formatOption = (choices: readonly string[] = ['text', 'json']): Option =>
  new Option('--format <format>', 'form of the result on stdout').choices(choices).default('text')

/** Runs one command line. Never throws and never ends the process: returns the exit code. */
export const runProgram = async (argv: readonly string[], world: ProgramWorld): Promise<number> => {
  let exitCode: number = exitCodes.ok
  const program = new Command('appliance')
    .description('Compiles a declarative cluster profile into disk images that boot as k3s nodes.')
    .version(world.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .showHelpAfterError('(appliance --help lists commands and flags)')
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 profile has errors, 2 usage, 3 environment, 4 build step, 5 proof failed, 70 bug.',
    )

  /** Adds the flags every command has and the way from flags to `run`. */
  const register = (
    name: CommandName,
    build: (command: Command) => Command,
    toOptions: (args: readonly (string | undefined)[], flags: Flags) => object,
    settings: (flags: Flags) => { readonly offline: boolean } = () => ({ offline: true }),
  ): void => {
    const command = build(program.command(name))
      .option('--verbose', 'print every step and, after a crash, the stack')
      .addOption(
        new Option('--color <when>', 'colour the output; NO_COLOR is obeyed')
          .choices(['auto', 'always', 'never'])
          .default('auto'),
      )
    command.action(async () => {
      const flags: Flags = command.opts()
      const terminal = terminalOf(world, flags)
      const verbose = flags['verbose'] === true
      const format = textOf(flags, 'format') ?? 'text'
      const host = world.createHost({
        ...settings(flags),
        verbose,
        json: format === 'json',
        color: terminal.colorErr,
      })
      try {
        const common: CommonOptions = { terminal, format: format === 'json' ? 'json' : 'text', verbose }
        const { run } = await loadCommand(name)
        exitCode = await run(host, { ...common, ...toOptions(command.args, flags) } as never)
      } catch (error) {
        exitCode = reportFault(error, { terminal, verbose, format, version: world.version })
      } finally {
        await host.close()
      }
    })
  }

  const profileOf = (args: readonly (string | undefined)[], flags: Flags): object => ({
    profile: args[0],
    strict: flags['strict'] === true,
  })
  const profileCommand = (command: Command): Command =>
    command.argument('<profile>', 'path of the profile').option('--strict', 'treat warnings as errors')
  const artifacts = (command: Command): Command =>
    command.option(
      '--artifacts <dir|url>',
      'where the files of the k3s release are; default: the upstream release address',
    )
  const output = (command: Command): Command =>
    command.option('-o, --output <dir>', 'output folder; images go to <dir>/<cluster>/', 'out')
  const node = (command: Command): Command => command.option('--node <name>', 'only this node')

  register(
    'init',
    (command) =>
      command
        .description('write a commented starter profile')
        .argument('[dir]', 'folder for the profile', '.')
        .addOption(formatOption()),
    (args) => ({ directory: args[0] ?? '.' }),
  )
  register(
    'validate',
    (command) =>
      profileCommand(command.description('check a profile: file, line, column and a next step')).addOption(
        formatOption(),
      ),
    profileOf,
  )
  register(
    'lock',
    (command) =>
      artifacts(profileCommand(command.description('pin every input; the only step that needs the network')))
        .option('--check', 'list pinned packages that have newer security versions; change nothing')
        .option('--export <dir>', 'copy all inputs there, to build from them for years')
        .addOption(formatOption()),
    (args, flags) => ({
      ...profileOf(args, flags),
      artifacts: textOf(flags, 'artifacts'),
      check: flags['check'] === true,
      exportDirectory: textOf(flags, 'export'),
    }),
    () => ({ offline: false }),
  )
  register(
    'plan',
    (command) =>
      node(
        profileCommand(command.description('show partitions, sizes, inputs, files and secret references')),
      ).addOption(formatOption()),
    (args, flags) => ({ ...profileOf(args, flags), node: textOf(flags, 'node') }),
  )
  register(
    'build',
    (command) =>
      node(output(artifacts(profileCommand(command.description('build the images of a profile')))))
        .option('--offline', 'never open a socket; every input must be in the cache')
        .addOption(formatOption()),
    (args, flags) => ({
      ...profileOf(args, flags),
      artifacts: textOf(flags, 'artifacts'),
      output: textOf(flags, 'output') ?? 'out',
      node: textOf(flags, 'node'),
      offline: flags['offline'] === true,
    }),
    (flags) => ({ offline: flags['offline'] === true }),
  )
  register(
    'inspect',
    (command) =>
      command
        .description('show what is on an image, without booting it and without root')
        .argument('<image>', 'path of the image')
        .addOption(formatOption()),
    (args) => ({ image: args[0] }),
  )
  register(
    'test',
    (command) =>
      node(
        output(
          artifacts(
            profileCommand(command.description('boot the built images in QEMU and prove them, offline')),
          ),
        ),
      )
        .addOption(
          new Option('--accel <accelerator>', 'accelerator of QEMU; auto probes')
            .choices(['auto', 'kvm', 'tcg'])
            .default('auto'),
        )
        .addOption(formatOption(['text', 'json', 'junit'])),
    (args, flags) => ({
      ...profileOf(args, flags),
      format: textOf(flags, 'format') ?? 'text',
      artifacts: textOf(flags, 'artifacts'),
      output: textOf(flags, 'output') ?? 'out',
      node: textOf(flags, 'node'),
      accel: textOf(flags, 'accel') ?? 'auto',
    }),
    () => ({ offline: false }),
  )
  register(
    'explain',
    (command) =>
      command
        .description('explain a code (P0107) or a key of the profile (nodes.board)')
        .argument('<subject>', 'code or profile path')
        .addOption(formatOption()),
    (args) => ({ subject: args[0] }),
  )

  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version asked for end well; every other refusal of commander's is wrong usage.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  return exitCode
}
