import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { codes } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { createNodeHost } from '../host/node-host.ts'
import { processorMs } from '../host/testing.ts'
import { loadProfile } from './load-profile.ts'
import { readSource } from './read-source.ts'
import { renderDiagnostic, secretsOf } from './render-diagnostic.ts'

const folder = new URL('../diagnostics/testdata/errors/', import.meta.url)
const cases = readdirSync(folder).toSorted()

/** Codes that a fixture cannot cause, and what covers them. L, B and V codes are of other inputs and have tests there. */
const coveredElsewhere: Readonly<Record<string, string>> = {
  P0003: 'a file too large to keep in the repository: below',
  R0342: 'as the next one',
  R0502: 'needs the sizes of a lock: the tests of plan',
  R1605: 'needs a lock, as the next ones: src/resolve/images/check-images.test.ts',
  R1606: 'as R1605',
  R1607: 'as R1605',
  R1608: 'as R1605',
  R1609: 'as R1605',
  R1610: 'as R1605',
  R1109: 'needs a clock and a state: src/materialise/bootstrap-tokens.test.ts',
}

const host = createNodeHost({ offline: true })
afterAll(() => host.close())

const diagnose = async (path: string): Promise<readonly Diagnostic[]> => {
  const [, diagnostics] = await loadProfile(host, path)
  return diagnostics
}

/** As on a terminal, with the folder of this checkout left out. */
const render = (diagnostics: readonly Diagnostic[], directory: string): string =>
  diagnostics
    .map((diagnostic) => renderDiagnostic(diagnostic, { secrets: secretsOf(diagnostics) }))
    .join('\n')
    .replaceAll(directory, '')

test.each(cases)('%s', async (name) => {
  const directory = new URL(`${name}/`, folder).pathname
  const started = processorMs()
  const diagnostics = await diagnose(join(directory, 'profile.yaml'))
  expect(processorMs() - started).toBeLessThan(1000)
  await expect(render(diagnostics, directory)).toMatchFileSnapshot(join(directory, 'expected.txt'))
  expect(diagnostics.map(({ code }) => code)).toContain(name.slice(0, 5))
  for (const { range } of diagnostics) {
    if (range === undefined) continue
    expect(range.start).toBeLessThanOrEqual(range.end)
    expect(range.end).toBeLessThanOrEqual(range.file.text.length)
  }
})

test('every code of a profile has a fixture', () => {
  const own = Object.keys(codes).filter((code) => /^[PR]/.test(code) && coveredElsewhere[code] === undefined)
  expect(own.filter((code) => !cases.some((name) => name.startsWith(code)))).toEqual([])
})

test('every other code is named by a test', () => {
  const tests = readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
  const others = [...Object.keys(codes).filter((code) => !/^[PR]/.test(code)), 'R0342', 'R0502', 'R1109']
  expect(others.filter((code) => !tests.some((text) => text.includes(`'${code}'`)))).toEqual([])
})

test('every fixture is of a code that exists', () => {
  expect(cases.filter((name) => !Object.hasOwn(codes, name.slice(0, 5)))).toEqual([])
})

test('P0003: a file of 50 MB is refused without reading it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'appliance-errors-'))
  const path = join(directory, 'profile.yaml')
  await writeFile(path, Buffer.alloc(50_000_000, 'a'))
  const started = processorMs()
  const [source, [diagnostic]] = await readSource(host.files, path)
  expect(processorMs() - started).toBeLessThan(1000)
  await rm(directory, { recursive: true })
  expect(source).toBeUndefined()
  expect(diagnostic?.code).toBe('P0003')
})

test('no rendered fault shows a secret of its fixture', () => {
  const secrets: Readonly<Record<string, string>> = {
    'R0402-password': 'hunter2',
    'R0311-datastore': 'hunter2',
    'R0311-owned-key': 'my-own-token',
    'R0403-private-key': 'bm90IGEga2V5',
    'R0703-proxy': 'user:secret',
    'P0103-wrong-type': 'my-passphrase',
    'R1001-k3s': 'hook-secret',
    'R1001-proxy': 'user:secret',
    'R1001-psk': 'my-passphrase',
    'R1001-manifest': 'correct-horse',
  }
  for (const [name, secret] of Object.entries(secrets)) {
    expect(readFileSync(new URL(`${name}/profile.yaml`, folder), 'utf8')).toContain(secret)
    expect(readFileSync(new URL(`${name}/expected.txt`, folder), 'utf8')).not.toContain(secret)
  }
})
