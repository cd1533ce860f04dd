import { expect, test } from 'vitest'
import { lineColumnOf } from '../../diagnostics/source-file.ts'
import { createTestHost } from '../../host/testing.ts'
import { loadProfileInputs } from '../load-profile.ts'
import { resourcePath } from '../resources.ts'
import { unknownPackages } from './lock.ts'

test('an unknown package is shown where the profile names it', async () => {
  const host = createTestHost()
  const path = resourcePath('src/profile/testdata/package-wish.yaml')
  const [loaded, faults] = await loadProfileInputs(host, path)
  expect(faults).toEqual([])
  if (loaded === undefined) throw new Error('no profile')
  const [fault] = unknownPackages(['wiregard-tools'], loaded)
  expect(fault?.code).toBe('L0005')
  expect(fault?.range && lineColumnOf(fault.range.file, fault.range.start)).toEqual({ line: 10, column: 23 })
})
