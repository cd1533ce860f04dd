import { expect, test } from 'vitest'
import { binaryName, parseImageList, parseSums, upstreamRelease } from './k3s-release.ts'

const sha256 = 'ab'.repeat(32)

test('the upstream address escapes the plus sign', () => {
  expect(upstreamRelease('v1.33.1+k3s1')).toBe(
    'https://github.com/k3s-io/k3s/releases/download/v1.33.1%2Bk3s1/',
  )
})

test('amd64 binaries carry no architecture in their name', () => {
  expect([binaryName('amd64'), binaryName('arm64')]).toEqual(['k3s', 'k3s-arm64'])
})

test('checksum lists: text and binary marks; other lines are no entries', () => {
  const text = `${sha256}  k3s-arm64\n${sha256} *./k3s-images.txt\nnot a sum\n${sha256.slice(1)}  short\n`
  expect([...parseSums(text).keys()]).toEqual(['k3s-arm64', 'k3s-images.txt'])
})

test('image lists are sorted, without comments and repeats', () => {
  expect(parseImageList('b:1\r\n# note\n\na:2\nb:1\n')).toEqual(['a:2', 'b:1'])
})
