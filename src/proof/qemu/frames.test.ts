import { expect, test } from 'vitest'
import { createFrameReader, destinationOf, macOf, withLength } from './frames.ts'

test('frames come out whole, however the stream is cut', () => {
  const stream = Buffer.concat([[1, 2], [], [7, 8, 9]].map((frame) => withLength(Buffer.from(frame))))
  for (const size of [1, 2, 3, 5, stream.length]) {
    const frames: number[][] = []
    const read = createFrameReader((frame) => frames.push([...frame]))
    for (let at = 0; at < stream.length; at += size) read(stream.subarray(at, at + size))
    expect(frames).toEqual([[1, 2], [], [7, 8, 9]])
  }
})

test.each([
  ['ff:ff:ff:ff:ff:ff', 'all'],
  ['33:33:00:00:00:01', 'all'],
  ['52:54:00:a9:00:01', 1],
  ['52:55:0a:00:02:02', 'router'],
] as const)('a frame for %s goes to %s', (address, destination) => {
  const machines = ['52:54:00:a9:00:00', '52:54:00:a9:00:01'].map(macOf)
  const frame = Buffer.concat([macOf(address), Buffer.alloc(54)])
  expect(destinationOf(frame, machines)).toBe(destination)
})
