import { join } from 'node:path'
import { Cancelled, EnvironmentFault, StepFault } from '../../diagnostics/fault.ts'
import { redact, registerSecret } from '../../host/redaction.ts'
import type { ProfileSecret } from '../../plan/build-plan.ts'
import type { SourceContext } from './secret-fault.ts'
import { secretFault } from './secret-fault.ts'

/** A password manager may ask its owner to unlock it; one that waits for ever must not hang a build. */
const timeoutMs = 60_000

/** The last lines of what a program said on stderr. */
const shownLines = 5

const anyCode = Array.from({ length: 256 }, (_, code) => code)

/** What a program says may show what it should have printed. */
const complaint = (stdout: string, stderr: string): string => {
  for (const line of stdout.split('\n')) registerSecret(line)
  const lines = stderr.trim().split('\n').slice(-shownLines).filter(Boolean)
  return lines.length === 0 ? 'it said nothing on stderr' : `it said: ${redact(lines.join(' | '))}`
}

/**
 * Runs a program of the user's for what it prints, without a shell, in the profile's folder and with the whole environment:
 * password managers keep their session in it. `missing`: the next step when it is not installed.
 */
export const runForSecret = async (
  { host, folder }: SourceContext,
  secret: ProfileSecret,
  argv: readonly string[],
  missing: string,
): Promise<string> => {
  const [name = '', ...args] = argv
  const program = name.includes('/') && !name.startsWith('/') ? join(folder, name) : name
  try {
    const { stdout, stderr, exitCode } = await host.exec([program, ...args], {
      cwd: folder,
      wholeEnvironment: true,
      okCodes: anyCode,
      timeoutMs,
    })
    if (exitCode === 0) return stdout
    throw secretFault(
      secret,
      `${name} ended with exit code ${exitCode}; ${complaint(stdout, stderr)}`,
      `run it by hand in ${folder} until it prints the secret: ${argv.join(' ')}`,
    )
  } catch (error) {
    if (error instanceof Cancelled) throw error
    // Its last lines are dropped: standard output is among them.
    if (error instanceof StepFault)
      throw secretFault(
        secret,
        error.message,
        `run it by hand in ${folder} until it prints the secret within ${timeoutMs / 1000} s`,
      )
    if (error instanceof EnvironmentFault && error.message.includes('is not installed'))
      throw secretFault(secret, `the program ${name} is not installed`, missing)
    throw error
  }
}
