import { Buffer } from 'node:buffer'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { ProfileSecret, TextPart } from '../../plan/build-plan.ts'
import type { ReadSecret } from '../secrets.ts'
import { Secret } from '../secrets.ts'
import { describeSource, placeOf, secretFault } from './secret-fault.ts'
import { wifiKeyfileLine, wifiKeyLines } from './wifi-key.ts'

/** A UTF-8 text, or a fault: bytes that are none have no place in a text. */
const textOf = (secret: ProfileSecret, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw secretFault(secret, `${describeSource(secret.source)} holds no text`, 'store it as UTF-8 text')
  }
}

/** What readers of `KEY=value` lines take as it is: no white space, quotes, backslashes or control characters. */
const plainWord = /^[!#-&(-[\]-~]+$/

type SecretPart = Exclude<TextPart, string>

/** A value in the form that the text around it wants. */
const write = (part: SecretPart, value: Uint8Array): string => {
  const { secret, as } = part
  if (as === 'base64') return Buffer.from(value).toString('base64')
  const text = textOf(secret, value)
  if (as === 'json') return JSON.stringify(text)
  if (as === 'wifi-key' || as === 'wifi-keyfile') {
    const lines = as === 'wifi-key' ? wifiKeyLines(text, part.ssid) : wifiKeyfileLine(text)
    if (lines !== undefined) return lines
    throw new EnvironmentFault(
      `the value of ${secret.at} is no passphrase of a wireless network`,
      'it is 8 to 63 characters of ASCII, or a key of 64 hexadecimal digits',
      { code: 'B1230', at: placeOf(secret.at) },
    )
  }
  if (as === 'file') return text.endsWith('\n') ? text : `${text}\n`
  if (plainWord.test(text)) return text
  throw secretFault(
    secret,
    'its value has white space, a quote, a backslash or a character beyond ASCII',
    'percent-encode such characters in the user and password of an address: `@` is %40, a space is %20',
  )
}

/** A file with secrets in it, for its one place on the seed. */
export const composeSecret = async (parts: readonly TextPart[], readSecret: ReadSecret): Promise<Secret> => {
  const pieces: string[] = []
  for (const part of parts) {
    if (typeof part === 'string') pieces.push(part)
    else pieces.push(write(part, (await readSecret(part.secret)).reveal()))
  }
  return new Secret(pieces.join(''), 'composed')
}
