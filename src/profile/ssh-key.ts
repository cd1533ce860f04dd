import type { Code } from '../diagnostics/codes.ts'

interface KeyFault {
  readonly code: Code
  readonly message: string
  readonly help: string
}

/** Types that OpenSSH of Debian 13 accepts for logins. */
const keyTypes: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-rsa',
])

/** Beginnings of keys whose private halves are published: Vagrant's insecure pair (hashicorp/vagrant, keys/). */
const publishedKeys: readonly string[] = [
  'AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9HZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTBckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6kivAIhyfHilFR61RGL+GPXQ2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hrucXzcWyLbIbEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ==',
  'AAAAC3NzaC1lZDI1NTE5AAAAIN1YdxBpNlzxDqfJyw/QKow1F+wvG9hXGoqiysfJOn5Y',
]

/** Length-prefixed strings of a key's binary form (RFC 4253, 6.6). */
const readStrings = (bytes: Uint8Array): readonly Uint8Array[] | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Uint8Array[] = []
  let offset = 0
  while (offset < bytes.length) {
    if (offset + 4 > bytes.length) return undefined
    const length = view.getUint32(offset)
    if (offset + 4 + length > bytes.length) return undefined
    parts.push(bytes.subarray(offset + 4, offset + 4 + length))
    offset += 4 + length
  }
  return parts
}

const malformed = (message: string): KeyFault => ({
  code: 'R0404',
  message,
  help: 'paste one whole line of a `.pub` file: `ssh-ed25519 AAAAC3... name`',
})

/** What is wrong with one line of `sshKeys`; undefined when sshd will take it. */
export const checkSshKey = (line: string): KeyFault | undefined => {
  if (line.includes('PRIVATE KEY')) {
    return {
      code: 'R0403',
      message: 'this is a private key',
      help: 'put the public key here (the file that ends in .pub), and make a new pair if the profile has been shared',
    }
  }
  if (/[\r\n]/.test(line.trim())) return malformed('a key is one line')
  const [type = '', data = ''] = line.trim().split(/\s+/)
  if (type === 'ssh-dss') return malformed('sshd accepts no ssh-dss keys any more')
  if (!keyTypes.has(type)) return malformed(`\`${type.slice(0, 40)}\` is not a type of ssh key`)
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'))
  const parts = data === '' ? undefined : readStrings(bytes)
  if (parts === undefined || Buffer.from(bytes).toString('base64') !== data) {
    return malformed('the key is cut short or altered')
  }
  if (new TextDecoder().decode(parts[0]) !== type) return malformed('the key is not of the type it says')
  if (type === 'ssh-ed25519' && parts[1]?.length !== 32) return malformed('the key is cut short or altered')
  // The modulus is a signed number: 2048 bits have a leading zero byte.
  if (type === 'ssh-rsa' && (parts[2]?.length ?? 0) < 256)
    return malformed('RSA keys below 2048 bits are refused by sshd')
  if (publishedKeys.includes(data)) {
    return {
      code: 'R0402',
      message: 'the private half of this key is published: everybody could log in',
      help: 'make a key of your own: ssh-keygen -t ed25519',
    }
  }
  return undefined
}
