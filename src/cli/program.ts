import { Command, CommanderError, Option } from 'commander'
import type { Host } from '../host/host.ts'
import { redact } from '../host/redaction.ts'
import type { SecretPrompt } from './ask-passphrase.ts'
import { askAt } from './ask-passphrase.ts'
import type { CommandEntry, Flags } from './command-table.ts'
import { commandTable, textOf } from './command-table.ts'
import { exitCodes } from './exit-codes.ts'
import type { CommonOptions } from './options.ts'
import { pkiTable } from './pki-table.ts'
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
  /** Where secrets are typed; absent without a terminal. */
  readonly prompt?: SecretPrompt
  readonly createHost: (settings: HostSettings) => ProgramHost
}

const terminalOf = (world: ProgramWorld, flags: Flags): Terminal => {
  const wanted = textOf(flags, 'color') ?? 'auto'
  const noColor = (world.environment['NO_COLOR'] ?? '') !== ''
  const colorOn = (isTTY: boolean): boolean =>
    wanted === 'always' || (wanted === 'auto' && isTTY && !noColor && world.environment['TERM'] !== 'dumb')
  return {
    out: (text) => world.stdout.write(redact(text)),
    err: (text) => world.stderr.write(redact(text)),
    colorOut: colorOn(world.stdout.isTTY === true),
    colorErr: colorOn(world.stderr.isTTY === true),
    ...(world.prompt === undefined ? {} : { ask: askAt(world.prompt) }),
  }
}

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
      '\nExit codes: 0 ok, 1 profile has errors, 2 usage, 3 environment, 4 build step, 5 proof failed, 70 bug, 130 interrupted.',
    )

  const add = (parent: Command, entry: CommandEntry): void => {
    const command = entry
      .configure(parent.command(entry.name).description(entry.summary))
      .option('--verbose', 'print every step and, after a crash, the stack')
      .addOption(
        new Option('--color <when>', 'colour the output; NO_COLOR is obeyed')
          .choices(['auto', 'always', 'never'])
          .default('auto'),
      )
    command.action(async () => {
      exitCode = await runCommand(entry, command.args[0], command.opts(), world)
    })
  }
  for (const entry of commandTable) add(program, entry)
  const pki = program
    .command('pki')
    .description('keys and certificates of a cluster: show, renew, rotate, export, import')
  for (const entry of pkiTable) add(pki, entry)

  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version asked for end well; every other refusal of commander's is wrong usage.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  return exitCode
}

const runCommand = async (
  entry: CommandEntry,
  argument: string | undefined,
  flags: Flags,
  world: ProgramWorld,
): Promise<number> => {
  const terminal = terminalOf(world, flags)
  const verbose = flags['verbose'] === true
  const format = textOf(flags, 'format') ?? 'text'
  const offline = entry.offline(flags)
  const host = world.createHost({ offline, verbose, json: format === 'json', color: terminal.colorErr })
  try {
    const common: CommonOptions = { terminal, format: format === 'json' ? 'json' : 'text', verbose }
    const { run } = await entry.load()
    // The table pairs each command with its own options; options.ts has their types.
    return await run(host, { ...common, ...entry.options(argument, flags) } as never)
  } catch (error) {
    return reportFault(error, { terminal, verbose, format, version: world.version })
  } finally {
    await host.close()
  }
}
