import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import Handlebars from 'handlebars'
import { expect, test } from 'vitest'
import { nodeTemplates } from '../plan/node-tree.ts'
import { bootTemplates } from '../plan/raspberry-pi-boot.ts'

const folder = resolve(import.meta.dirname, '../../templates')
const templates = [...nodeTemplates.map(({ name }) => `node/${name}`), ...bootTemplates].filter((name) =>
  name.endsWith('.hbs'),
)

interface Found {
  /** Names that the template reads from its view. */
  readonly fields: ReadonlySet<string>
  /** `{{x}}` without a helper. */
  readonly bare: readonly string[]
}

const walk = (source: string): Found => {
  const fields = new Set<string>()
  const bare: string[] = []
  let depth = 0
  class Walker extends Handlebars.Visitor {
    override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
      const path = statement.path
      if (statement.params.length === 0 && path.type === 'PathExpression') {
        const name = (path as hbs.AST.PathExpression).original
        bare.push(name)
        if (depth === 0) fields.add(name)
        return
      }
      for (const param of statement.params) this.accept(param)
    }
    override BlockStatement(block: hbs.AST.BlockStatement): void {
      for (const param of block.params) this.accept(param)
      depth += 1
      this.accept(block.program)
      depth -= 1
    }
    override PathExpression(path: hbs.AST.PathExpression): void {
      if (depth === 0) fields.add(path.original)
    }
  }
  new Walker().accept(Handlebars.parse(source))
  return { fields, bare }
}

test.each(templates)('%s says at its top which fields it reads', (name) => {
  const source = readFileSync(`${folder}/${name}`, 'utf8')
  const said = /^\{\{! view: (.+) \}\}\n/.exec(source)?.[1]?.split(', ')
  expect(said?.sort()).toEqual([...walk(source).fields].sort())
})

/** What is read by a shell quotes every value. */
const readByShell = ['node/usr/lib/appliance/release.hbs']

test.each(readByShell)('%s quotes every value', (name) => {
  expect(walk(readFileSync(`${folder}/${name}`, 'utf8')).bare).toEqual([])
})

test('the walker finds what it should', () => {
  const { fields, bare } = walk('{{a}}{{sh b}}{{#each c}}{{name}}{{/each}}{{#if d}}{{e}}{{/if}}')
  expect([...fields].sort()).toEqual(['a', 'b', 'c', 'd'])
  expect(bare).toEqual(['a', 'name', 'e'])
})
