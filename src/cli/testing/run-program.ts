import type { TestHostScript } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import type { HostSettings, ProgramHost } from '../program.ts'
import { runProgram } from '../program.ts'

export interface ProgramRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** What the program asked of its host; undefined when it never got so far. */
  readonly settings: HostSettings | undefined
}

interface RunSettings {
  readonly environment?: Readonly<Record<string, string>>
  readonly isTTY?: boolean
  readonly host?: TestHostScript
  /** Instead of a host: to see what becomes of a fault. */
  readonly createHost?: (settings: HostSettings) => ProgramHost
}

/** One command line within this process, with collected output. */
export const runInProcess = async (
  argv: readonly string[],
  { environment = {}, isTTY = false, host = {}, createHost }: RunSettings = {},
): Promise<ProgramRun> => {
  let stdout = ''
  let stderr = ''
  let settings: HostSettings | undefined
  const exitCode = await runProgram(argv, {
    stdout: { write: (text) => (stdout += text), isTTY },
    stderr: { write: (text) => (stderr += text), isTTY },
    environment,
    version: '0.0.0-test',
    createHost: (asked) => {
      settings = asked
      return createHost?.(asked) ?? createTestHost({ environment, ...host })
    },
  })
  return { exitCode, stdout, stderr, settings }
}
