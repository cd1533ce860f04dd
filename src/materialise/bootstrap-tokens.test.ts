import { expect, test } from 'vitest'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import { bootstrapTokensOf } from './bootstrap-tokens.ts'
import type { BootstrapToken } from './tokens.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const [past, future] = ['2026-11-22T11:59:59Z', '2026-11-22T12:00:01Z']
const node = (name: string, expires: string | null) => ({ name, bootstrapToken: { expires } })
const plain = { name: 'oven-0', bootstrapToken: null }

const world = () => {
  const warnings: string[] = []
  const silent = (): void => {}
  const warn = (text: string): void => void warnings.push(text)
  const report = { info: silent, warn, debug: silent, task: () => ({ advance: silent, done: silent }) }
  const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  return { warnings, now: () => now, randomBytes, report: report as never }
}
const tokensOf = (
  kept: readonly BootstrapToken[],
  nodes: readonly (typeof plain | ReturnType<typeof node>)[],
): { readonly tokens: readonly BootstrapToken[]; readonly warnings: readonly string[] } => {
  const host = world()
  return { tokens: bootstrapTokensOf(kept, nodes, host), warnings: host.warnings }
}

test('only nodes that ask get a token', () => {
  const { tokens, warnings } = tokensOf([], [plain, node('oven-1', future), node('oven-2', null)])
  expect(tokens.map(({ node: name, expires }) => [name, expires])).toEqual([
    ['oven-1', future],
    ['oven-2', null],
  ])
  expect(warnings).toEqual([])
})

test.each([
  ['never made before', []],
  ['made before, with another end', [{ node: 'oven-1', id: 'a', secret: 'b', expires: null }]],
])('R1109: a token that has ended and was %s', (_, kept) => {
  let fault: unknown
  try {
    tokensOf(kept, [plain, node('oven-1', past)])
  } catch (error) {
    fault = error
  }
  expect(fault).toBeInstanceOf(EnvironmentFault)
  expect(fault).toMatchObject({
    code: 'R1109',
    at: ['nodes', 1, 'bootstrapToken', 'expires'],
    message: expect.stringContaining('oven-1'),
  })
})

test('a token that was made before it ended stays, with a warning', () => {
  const kept = [{ node: 'oven-1', id: 'abc123', secret: '0123456789abcdef', expires: past }]
  const { tokens, warnings } = tokensOf(kept, [node('oven-1', past)])
  expect(tokens).toEqual(kept)
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain(`the bootstrap token of oven-1 ended at ${past}`)
  expect(warnings[0]).not.toContain('0123456789abcdef')
})
