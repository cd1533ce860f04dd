/** `make check`: every check, two at a time, what each found, and how long it took. All run, so that one run shows everything. */
import { readdirSync } from 'node:fs'
import { $, chalk } from 'zx'

interface Check {
  readonly name: string
  readonly mend: string
  readonly run: () => Promise<{ readonly exitCode: number | null; readonly text: () => string }>
}

const quiet = $({ nothrow: true, quiet: true, preferLocal: true, env: { ...process.env, FORCE_COLOR: '0' } })
const generators = readdirSync('scripts').filter((name) => /^gen-.*\.ts$/.test(name))

/** The shell scripts of the repository, also the node's, known by their first lines. */
const shellScripts = async (firstLine: string): Promise<readonly string[]> => {
  const listed =
    await quiet`git ls-files --cached --others --exclude-standard -z -- templates scripts qemu-tests .ci`
  const files = listed.stdout.split('\0').filter((path) => path !== '' && !path.endsWith('.ts'))
  const found = await quiet`grep -lE ${firstLine} -- ${files}`
  return found.stdout.split('\n').filter((path) => path !== '' && !path.endsWith('.hbs'))
}

/** A file that is only sourced sets variables for others: that they are not used in it is no fault. */
const checkShell = async (): Promise<{ exitCode: number; text: () => string }> => {
  const programs = await shellScripts('^#!.*/(sh|bash|dash)$')
  const sourced = (await shellScripts('^# shellcheck shell=')).filter((path) => !programs.includes(path))
  if (programs.length === 0) return { exitCode: 1, text: () => 'no shell script was found' }
  const results = [await quiet`shellcheck --external-sources ${programs}`]
  if (sourced.length > 0) {
    results.push(await quiet`shellcheck --external-sources --exclude=SC2034 ${sourced}`)
  }
  return {
    exitCode: Math.max(...results.map((result) => result.exitCode ?? 1)),
    text: () => results.map((result) => result.text()).join(''),
  }
}

const checks: readonly Check[] = [
  { name: 'format and lint', mend: 'make fix', run: () => quiet`biome check --error-on-warnings .` },
  {
    name: 'types',
    mend: 'see the messages',
    run: () =>
      quiet`tsc -p tsconfig.json --incremental --tsBuildInfoFile node_modules/.cache/check.tsbuildinfo`,
  },
  { name: 'layers', mend: 'see the table in ARCHITECTURE.md', run: () => quiet`tsx scripts/check-layers.ts` },
  { name: 'dead code', mend: 'remove it, or stop exporting it', run: () => quiet`knip --no-progress` },
  ...generators.map((script) => ({
    name: `generated files of ${script}`,
    mend: 'make docs',
    run: () => quiet`tsx scripts/${script} --check`,
  })),
  { name: 'shell scripts', mend: 'see the messages', run: checkShell },
]

const startedAt = Date.now()
const failed: string[] = []
const waiting = [...checks]
const work = async (): Promise<void> => {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const checkStartedAt = Date.now()
    const result = await check.run()
    const seconds = ((Date.now() - checkStartedAt) / 1000).toFixed(1)
    const ok = result.exitCode === 0
    console.log(`${ok ? chalk.green('ok    ') : chalk.red('failed')} ${check.name} (${seconds} s)`)
    if (ok) continue
    failed.push(check.name)
    console.log(result.text().trimEnd())
    console.log(`       mend: ${check.mend}`)
  }
}
await Promise.all([work(), work()])
const seconds = ((Date.now() - startedAt) / 1000).toFixed(0)
console.log(failed.length === 0 ? `all checks passed in ${seconds} s` : `failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
