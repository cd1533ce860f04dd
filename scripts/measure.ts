import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

export interface Measurement {
  readonly seconds: number
  readonly stdout: string
  readonly stderr: string
  /** Highest resident memory of the process itself. */
  readonly peakBytes: number
  /** Highest sum of the resident memory of all its descendants, sampled. */
  readonly childrenPeakBytes: number
}

/** Milliseconds between two looks at /proc. */
const everyMs = 200

const statusOf = async (
  pid: string,
): Promise<{ parent: string; resident: number; peak: number } | undefined> => {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return { parent: String(number('PPid')), resident: number('VmRSS') * 1024, peak: number('VmHWM') * 1024 }
}

/** The memory of everything below `pid`. */
const descendants = async (pid: string): Promise<number> => {
  const parents = new Map<string, { parent: string; resident: number }>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const status = await statusOf(name)
    if (status !== undefined) parents.set(name, status)
  }
  const isBelow = (name: string): boolean => {
    let at = parents.get(name)?.parent
    while (at !== undefined && at !== '0' && at !== '1') {
      if (at === pid) return true
      at = parents.get(at)?.parent
    }
    return false
  }
  let sum = 0
  for (const [name, { resident }] of parents) if (isBelow(name)) sum += resident
  return sum
}

/** Runs a program to its end, with its time and memory. Throws when it fails. */
export const measure = async (
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Measurement> => {
  const [program, ...args] = argv
  if (program === undefined) throw new TypeError('measure needs a program')
  const startedAt = performance.now()
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const pid = String(child.pid)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  let peakBytes = 0
  let childrenPeakBytes = 0
  let running = true
  const exitCode = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => {
    running = false
  })
  const watch = async (): Promise<void> => {
    while (running) {
      peakBytes = Math.max(peakBytes, (await statusOf(pid))?.peak ?? 0)
      childrenPeakBytes = Math.max(childrenPeakBytes, await descendants(pid))
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  }
  const watching = watch()
  const code = await exitCode
  const seconds = (performance.now() - startedAt) / 1000
  await watching
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with exit code ${code}\n${stderr}`)
  return { seconds, stdout, stderr, peakBytes, childrenPeakBytes }
}

/** Seconds of a task from the JSON lines that the program talks in. */
export const taskSeconds = (talk: string, label: RegExp): number | undefined => {
  for (const line of talk.split('\n')) {
    if (!line.startsWith('{')) continue
    const event = JSON.parse(line) as { label?: string; state?: string; seconds?: number }
    if (event.state === 'done' && event.label !== undefined && label.test(event.label)) return event.seconds
  }
  return undefined
}
