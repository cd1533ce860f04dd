import type { Code } from '../diagnostics/codes.ts'
import { Cancelled, EnvironmentFault, StepFault } from '../diagnostics/fault.ts'
import { exitCodes } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

interface FaultContext {
  readonly terminal: Terminal
  readonly verbose: boolean
  readonly format: string
  readonly version: string
}

/** What is thrown, as data: the shape of `--format json` for a command that could not finish. */
export interface FaultReport {
  readonly kind: 'environment' | 'step' | 'interrupted' | 'bug'
  readonly message: string
  readonly code?: Code
  /** Where the profile leads to it: `profile.yaml:7:3`. */
  readonly place?: string
  readonly replay?: string
  readonly lastLines?: readonly string[]
  readonly logPath?: string
  readonly help?: string
}

const exitCodeOf = {
  environment: exitCodes.environment,
  step: exitCodes.step,
  interrupted: exitCodes.interrupted,
  bug: exitCodes.bug,
} as const satisfies Record<FaultReport['kind'], number>

export const describeFault = (error: unknown): FaultReport => {
  if (error instanceof Cancelled) return { kind: 'interrupted', message: error.message }
  if (error instanceof EnvironmentFault) {
    return {
      kind: 'environment',
      message: error.message,
      ...(error.code === undefined ? {} : { code: error.code }),
      ...(error.place === undefined ? {} : { place: error.place }),
      help: error.help,
    }
  }
  if (error instanceof StepFault) {
    return {
      kind: 'step',
      message: error.message,
      ...(error.code === undefined ? {} : { code: error.code }),
      ...(error.replay === undefined ? {} : { replay: error.replay }),
      ...(error.lastLines.length === 0 ? {} : { lastLines: error.lastLines }),
      ...(error.logPath === undefined ? {} : { logPath: error.logPath }),
      ...(error.help === undefined ? {} : { help: error.help }),
    }
  }
  return { kind: 'bug', message: error instanceof Error ? error.message : String(error) }
}

/** The text form: what failed, how to replay it, the end of what it printed, the next step. */
export const renderFault = (fault: FaultReport): string => {
  if (fault.kind === 'interrupted') return 'interrupted: nothing half-written is left behind\n'
  const code = fault.code === undefined ? '' : `[${fault.code}]`
  const lines = [`${fault.kind === 'bug' ? 'internal error' : `error${code}`}: ${fault.message}`]
  if (fault.place !== undefined) lines.push(`  --> ${fault.place}`)
  if (fault.replay !== undefined) lines.push(`  replay: ${fault.replay}`)
  if (fault.lastLines !== undefined) {
    lines.push('  last lines:', ...fault.lastLines.map((line) => `    | ${line}`))
  }
  if (fault.logPath !== undefined) lines.push(`  log: ${fault.logPath}`)
  if (fault.help !== undefined) lines.push(`  help: ${fault.help}`)
  if (fault.code !== undefined) lines.push(`  more: appliance explain ${fault.code}`)
  return `${lines.join('\n')}\n`
}

/** Prints what was thrown and returns the exit code for it. A stack only with --verbose. */
export const reportFault = (error: unknown, { terminal, verbose, format, version }: FaultContext): number => {
  const fault = describeFault(error)
  if (format === 'json') terminal.out(`${JSON.stringify({ fault }, null, 2)}\n`)
  terminal.err(renderFault(fault))
  if (fault.kind === 'bug') {
    terminal.err(`  this is a bug in appliance ${version} (node ${process.version}, ${process.platform})\n`)
    if (!verbose) terminal.err('  run it again with --verbose for the stack and report both\n')
  }
  if (verbose && error instanceof Error && error.stack !== undefined) terminal.err(`${error.stack}\n`)
  return exitCodeOf[fault.kind]
}
