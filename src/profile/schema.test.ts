import { expect, test } from 'vitest'
import { everyKey } from './describe-schema.ts'
import { profileSchema } from './schema.ts'

const keys = everyKey()

test.each(keys.map((key) => [key.path, key] as const))('%s has a description and an example', (_, key) => {
  expect(key.description).toMatch(/^[A-Za-z`].*[.)]$/s)
  expect(key.examples.length).toBeGreaterThan(0)
})

test('no map of the profile takes unknown keys', () => {
  const open: string[] = []
  const walk = (schema: Record<string, unknown>, path: string): void => {
    if (schema['properties'] !== undefined && schema['additionalProperties'] !== false) open.push(path)
    for (const [name, inner] of Object.entries(schema)) {
      if (typeof inner === 'object' && inner !== null)
        walk(inner as Record<string, unknown>, `${path}/${name}`)
    }
  }
  walk(profileSchema as unknown as Record<string, unknown>, '')
  expect(open).toEqual([])
})
