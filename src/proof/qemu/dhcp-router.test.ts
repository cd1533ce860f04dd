import { expect, test } from 'vitest'
import { addRouter } from './dhcp-router.ts'

/** A DHCP answer of 300 bytes of BOOTP and options, in UDP, IPv4 and Ethernet. */
const answer = (options: readonly number[], sourcePort = 67): Buffer => {
  const frame = Buffer.alloc(14 + 20 + 8 + 240 + 60)
  frame.writeUInt16BE(0x0800, 12)
  frame.writeUInt8(0x45, 14)
  frame.writeUInt8(17, 23)
  frame.writeUInt16BE(sourcePort, 34)
  frame.writeUInt16BE(68, 36)
  frame.writeUInt16BE(0xbeef, 40)
  Buffer.from(options).copy(frame, 282)
  return frame
}

test('the router comes after the other options, and the checksum goes', () => {
  const changed = addRouter(answer([53, 1, 5, 0, 51, 4, 0, 1, 2, 3, 255]), '192.168.10.1')
  expect([...changed.subarray(282, 300)]).toEqual([
    53, 1, 5, 0, 51, 4, 0, 1, 2, 3, 3, 4, 192, 168, 10, 1, 255, 0,
  ])
  expect(changed.readUInt16BE(40)).toBe(0)
  expect(changed.length).toBe(342)
})

test.each([
  ['an answer that names its router', answer([53, 1, 5, 3, 4, 10, 0, 2, 2, 255])],
  ['an answer without room', answer(Array(60).fill(0))],
  ['other traffic', answer([53, 1, 5, 255], 53)],
  ['a short frame', Buffer.alloc(60)],
])('%s stays as it is', (_what, frame) => {
  expect(addRouter(frame, '10.0.2.2').equals(frame)).toBe(true)
})
