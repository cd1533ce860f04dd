import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { reportKeys } from './report-keys.ts'

test('the node answers exactly the keys that the proof knows', () => {
  const script = readFileSync(
    resolve(import.meta.dirname, '../../templates/node/usr/lib/appliance/report'),
    'utf8',
  )
  const answered = [...script.matchAll(/^ +emit ([a-z0-9-]+) /gm)].map(([, key]) => key)
  expect(answered.sort()).toEqual(Object.keys(reportKeys).sort())
})
