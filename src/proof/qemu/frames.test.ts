import { expect, test } from 'vitest'
import { createAddressTable, createFrameReader, withLength } from './frames.ts'

test('frames come out whole, however the stream is cut', () => {
  const stream = Buffer.concat([[1, 2], [], [7, 8, 9]].map((frame) => withLength(Buffer.from(frame))))
  for (const size of [1, 2, 3, 5, stream.length]) {
    const frames: number[][] = []
    const read = createFrameReader((frame) => frames.push([...frame]))
    for (let at = 0; at < stream.length; at += size) read(stream.subarray(at, at + size))
    expect(frames).toEqual([[1, 2], [], [7, 8, 9]])
  }
})

const router = '52:55:0a:00:02:02'
const machines = ['52:54:00:a9:00:00', '52:54:00:A9:00:01']

const frameOf = (to: string, from: string): Buffer =>
  Buffer.concat([Buffer.from(`${to}${from}`.replaceAll(':', ''), 'hex'), Buffer.alloc(48)])

test.each([
  ['ff:ff:ff:ff:ff:ff', 'all'],
  ['33:33:00:00:00:01', 'all'],
  ['52:54:00:a9:00:01', 1],
  [router, 'router'],
] as const)('a frame for %s goes to %s', (address, destination) => {
  expect(createAddressTable(machines).destinationOf(frameOf(address, router))).toBe(destination)
})

test('a machine is reached by whatever address it has sent from', () => {
  const addresses = createAddressTable(machines)
  const madeUp = '7a:fb:26:39:90:3d'
  expect(addresses.destinationOf(frameOf(madeUp, router))).toBe('router')
  addresses.learn(frameOf('ff:ff:ff:ff:ff:ff', madeUp), 1)
  expect(addresses.destinationOf(frameOf(madeUp, router))).toBe(1)
  expect(addresses.destinationOf(frameOf('52:54:00:a9:00:00', router))).toBe(0)
})
