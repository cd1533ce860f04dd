import { expect, test } from 'vitest'
import { answerTime } from './time-server.ts'

const router = '192.168.10.1'
const node = '192.168.10.11'

/** A question of an NTP client: Ethernet, IPv4, UDP from port 40000, 48 bytes. */
const question = ({ to = router, port = 123, mode = 3 } = {}): Buffer => {
  const frame = Buffer.alloc(14 + 20 + 8 + 48)
  Buffer.from('5255c0a80a0152540a9000000800', 'hex').copy(frame)
  frame.writeUInt8(0x45, 14)
  frame.writeUInt8(17, 23)
  Buffer.from([...node.split('.'), ...to.split('.')].map(Number)).copy(frame, 26)
  frame.writeUInt16BE(40_000, 34)
  frame.writeUInt16BE(port, 36)
  frame.writeUInt8((4 << 3) | mode, 42)
  frame.write('transmit', 82, 'ascii')
  return frame
}

test('the answer goes back to who asked, with the given time', () => {
  const asked = question()
  const answer = answerTime(asked, router, Date.UTC(2027, 8, 18) / 1000 + 0.5)
  if (answer === undefined) throw new Error('no answer')
  expect(answer.subarray(0, 6)).toEqual(asked.subarray(6, 12))
  expect(answer.subarray(6, 12)).toEqual(asked.subarray(0, 6))
  expect([...answer.subarray(26, 34)].join('.')).toBe(`${router}.${node}`)
  expect([answer.readUInt16BE(34), answer.readUInt16BE(36), answer.readUInt16BE(38)]).toEqual([
    123, 40_000, 56,
  ])
  // A right header checksum makes all words sum up to ones (RFC 1071).
  let sum = 0
  for (let at = 14; at < 34; at += 2) sum += answer.readUInt16BE(at)
  expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff)
  const ntp = answer.subarray(42)
  expect([ntp.length, ntp.readUInt8(0), ntp.readUInt8(1)]).toEqual([48, (4 << 3) | 4, 1])
  expect(ntp.toString('ascii', 24, 32)).toBe('transmit')
  expect(ntp.readUInt32BE(40) - 2_208_988_800).toBe(Date.UTC(2027, 8, 18) / 1000)
  expect(ntp.readUInt32BE(44)).toBe(2 ** 31)
})

test('after 2036 the seconds begin again', () => {
  const answer = answerTime(question(), router, Date.UTC(2036, 1, 8) / 1000)
  expect(answer?.readUInt32BE(42 + 40)).toBe(Date.UTC(2036, 1, 8) / 1000 + 2_208_988_800 - 2 ** 32)
})

test.each([
  ['another address', question({ to: '192.168.10.9' })],
  ['another port', question({ port: 53 })],
  ['a server that speaks', question({ mode: 4 })],
  ['a cut frame', question().subarray(0, 70)],
  ['a few bytes', Buffer.alloc(20)],
])('%s gets no answer', (_what, frame) => {
  expect(answerTime(frame, router, 0)).toBeUndefined()
})
