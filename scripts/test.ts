/**
 * Runs vitest's projects named on the command line, one after another; prints what each took, names what was skipped, and
 * ends with `N passed, N failed, N skipped` on a line of its own. Fails when a test failed or none ran.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx'

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

const projects = process.argv.slice(2)
if (projects.length === 0) throw new Error('name the projects: unit, integration, boot')

const folder = await mkdtemp(join(tmpdir(), 'appliance-tests-'))
const totals = { passed: 0, failed: 0, skipped: 0 }
const skipped: string[] = []
const failed: string[] = []
const times: string[] = []

for (const project of projects) {
  const startedAt = Date.now()
  const file = join(folder, `${project}.json`)
  const { exitCode } = await $({
    nothrow: true,
    stdio: 'inherit',
    preferLocal: true,
  })`vitest run --project ${project} --reporter=default --reporter=json --outputFile.json=${file}`
  times.push(`${project} ${((Date.now() - startedAt) / 1000).toFixed(0)} s`)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  const report = text === undefined ? undefined : (JSON.parse(text) as JsonReport)
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const result of report?.testResults ?? []) {
    for (const { fullName, status } of result.assertionResults) {
      if (status === 'passed') counts.passed += 1
      else if (status === 'failed') {
        counts.failed += 1
        failed.push(`${project}: ${fullName}`)
      } else {
        counts.skipped += 1
        skipped.push(`${project}: ${fullName}`)
      }
    }
    // A file that fell over before its tests were known counts as one failure.
    if (result.status === 'failed' && result.assertionResults.every(({ status }) => status !== 'failed'))
      counts.failed += 1
  }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1
  if (counts.passed + counts.failed === 0) {
    console.log(`no test of ${project} ran`)
    counts.failed += 1
  }
  totals.passed += counts.passed
  totals.failed += counts.failed
  totals.skipped += counts.skipped
}

await rm(folder, { recursive: true, force: true })
if (skipped.length > 0) {
  console.log('NOT RUN HERE:')
  for (const name of skipped) console.log(`  ${name}`)
}
if (failed.length > 0) {
  console.log('FAILED:')
  for (const name of failed) console.log(`  ${name}`)
}
console.log(`times: ${times.join(', ')}`)
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed === 0 ? 0 : 1
