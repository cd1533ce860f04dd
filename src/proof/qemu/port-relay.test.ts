import { expect, test } from 'vitest'
import { createFrameReader } from './port-relay.ts'

test('frames come out whole, however the stream is cut', () => {
  const stream = Buffer.from([0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3, 7, 8, 9])
  for (const size of [1, 2, 3, 5, stream.length]) {
    const frames: number[][] = []
    const read = createFrameReader((frame) => frames.push([...frame]))
    for (let at = 0; at < stream.length; at += size) read(stream.subarray(at, at + size))
    expect(frames).toEqual([[1, 2], [], [7, 8, 9]])
  }
})
