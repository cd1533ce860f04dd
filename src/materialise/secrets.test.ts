import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secrets.ts'

test('a secret shows itself nowhere but in reveal', () => {
  const secret = new Secret('hunter2')
  const seen = [
    `${secret}`,
    String([secret]),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: [secret] }, { showHidden: true, depth: null }),
    new Error(`refused ${secret}`).message,
    Object.keys(secret).join(),
  ]
  for (const text of seen) expect(text).not.toContain('hunter2')
  expect(new TextDecoder().decode(secret.reveal())).toBe('hunter2')
})
