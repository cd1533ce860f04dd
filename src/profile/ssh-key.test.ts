import { expect, test } from 'vitest'
import { checkSshKey } from './ssh-key.ts'

const string = (bytes: Uint8Array | string): Buffer => {
  const content = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}
const key = (type: string, ...parts: Uint8Array[]): string =>
  `${type} ${Buffer.concat([string(type), ...parts.map(string)]).toString('base64')} me`
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x55)

test.each([
  key('ssh-ed25519', bytes(32)),
  key('ssh-rsa', bytes(3), bytes(257)),
  key('ecdsa-sha2-nistp256', Buffer.from('nistp256'), bytes(65)),
  key('sk-ssh-ed25519@openssh.com', bytes(32), Buffer.from('ssh:')),
  `  ${key('ssh-ed25519', bytes(32))}\n`,
])('%s is usable', (line) => {
  expect(checkSshKey(line)).toBeUndefined()
})

test.each([
  [key('ssh-dss', bytes(128)), 'R0404'],
  [key('ssh-rsa', bytes(3), bytes(129)), 'R0404'],
  [key('ssh-ed25519', bytes(31)), 'R0404'],
  [key('ssh-ed25519', bytes(32)).replace('ssh-ed25519', 'ecdsa-sha2-nistp256'), 'R0404'],
  [key('ssh-ed25519', bytes(32)).slice(0, 60), 'R0404'],
  [`${key('ssh-ed25519', bytes(32))}\n${key('ssh-ed25519', bytes(32))}`, 'R0404'],
  [`command="x" ${key('ssh-ed25519', bytes(32))}`, 'R0404'],
  ['', 'R0404'],
  ['-----BEGIN RSA PRIVATE KEY-----', 'R0403'],
  ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN1YdxBpNlzxDqfJyw/QKow1F+wvG9hXGoqiysfJOn5Y', 'R0402'],
])('%s is refused: %s', (line, code) => {
  expect(checkSshKey(line)?.code).toBe(code)
})
