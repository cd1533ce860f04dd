import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface CliRun {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCli {
  readonly child: ChildProcess
  readonly ended: Promise<CliRun>
  /** Everything said so far, both streams. */
  readonly said: () => string
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Where tests take k3s's files from: a real release, or what `make stand-in` built. */
export const testArtifacts =
  process.env['APPLIANCE_TEST_ARTIFACTS'] ?? `${root}qemu-tests/k3s-stand-in/release`

/** The program from source, as one process without a wrapper. */
export const cliCommand = (args: readonly string[]): readonly [string, ...string[]] => [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
  `${root}src/main.ts`,
  ...args,
]

/** Starts the program from source, as its own process without a wrapper, so that signals reach it. */
export const startCli = (
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): RunningCli => {
  const [node, ...words] = cliCommand(args)
  const child = spawn(node, words, {
    cwd: options.cwd ?? root,
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ended = new Promise<CliRun>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  })
  return { child, ended, said: () => stdout + stderr }
}

export const runCli = (...args: Parameters<typeof startCli>): Promise<CliRun> => startCli(...args).ended
