import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { helpers } from './helpers.ts'
import { createRenderer } from './renderer.ts'
import { strictView } from './strict-view.ts'

const render = (source: string, view: Parameters<ReturnType<typeof createRenderer>['render']>[1]): string =>
  createRenderer(new Map([['t.hbs', source]])).render('t.hbs', view)

test('loops, choices and nested values', () => {
  const view = {
    units: [
      { name: 'a', on: true },
      { name: 'b', on: false },
    ],
    plain: ['x', 'y'],
    of: { deep: 3 },
  }
  expect(
    render(
      '{{#each units}}{{name}}{{#if on}}!{{/if}} {{/each}}{{#each plain}}{{this}}{{/each}} {{of.deep}}',
      view,
    ),
  ).toBe('a! b xy 3')
})

test.each([
  ['{{missing}}', {}],
  ['{{#if missing}}x{{/if}}', {}],
  ['{{#each missing}}x{{/each}}', {}],
  ['{{sh missing}}', {}],
  ['{{#each list}}{{#if missing}}x{{/if}}{{/each}}', { list: [{ name: 'a' }] }],
  ['{{of.missing}}', { of: {} }],
  ['{{sh none}}', { none: null }],
  ['{{unknown helper}}', { helper: 'x' }],
])('%s with %j is a fault that names the template', (source, view) => {
  expect(() => render(source, view)).toThrow(/t\.hbs|helper/)
})

test('nothing is escaped for HTML', () => {
  expect(render('{{a}}', { a: `<&"'` })).toBe(`<&"'`)
})

test('a template that does not exist is named', () => {
  expect(() => createRenderer(new Map()).text('node/none')).toThrow('node/none')
})

test('a view with an undefined value is refused', () => {
  expect(() => strictView({ a: undefined }).a).toThrow('view.a is undefined')
})

test('{{sh}} gives a shell back what it was given', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => !/[\0\uD800-\uDFFF]/u.test(text))
  fc.assert(
    fc.property(fc.array(word, { minLength: 20, maxLength: 20 }), (words) => {
      const script = `printf '%s\\0' ${words.map(helpers.sh).join(' ')}`
      const said = execFileSync('sh', ['-c', script]).toString()
      expect(said.split('\0').slice(0, -1)).toEqual(words)
    }),
    { numRuns: 10 },
  )
})
