import { expect, test } from 'vitest'
import { checkMedium } from './space.ts'

const mib = 1024 * 1024
const onData = { lower: 800 * mib, upper: 2000 * mib }

const faultOf = (
  mediumBytes: number | null,
): { readonly code?: string; readonly message: string } | undefined => {
  try {
    checkMedium({ name: 'oven-1', mediumBytes }, { imageSize: 500 * mib }, { onData })
    return undefined
  } catch (error) {
    return error as Error & { readonly code?: string }
  }
}

test('an image that fits, but leaves k3s no room to start, is refused', () => {
  expect(faultOf(1300 * mib)).toBeUndefined()
  expect(faultOf(null)).toBeUndefined()
  expect(faultOf(1300 * mib - 1)).toMatchObject({
    code: 'B0054',
    at: { node: 'oven-1', part: ['storage', 'size'] },
    message:
      'the image of oven-1 takes 500 MiB and k3s at least 800 MiB behind it; its medium holds 1300 MiB',
  })
})
