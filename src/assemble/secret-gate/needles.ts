import { Buffer } from 'node:buffer'
import { base64Cores } from '../../host/redaction/base64-cores.ts'
import { privateParts } from '../../materialise/pki/private-part.ts'
import { shortestPattern } from './gram-index.ts'

export type Form = 'as it is' | 'in hex' | 'in base64'

/** Bytes whose appearance shows a secret. */
export interface Needle {
  readonly bytes: Uint8Array
  readonly form: Form
}

/** Shorter values are not searched for: they are in everything. */
const shortestValue = 6

/** Of a longer value, a part in its middle is as good as the whole. */
const longestValue = 96

const form = (bytes: Buffer, as: Form): Needle => ({ bytes, form: as })

const formsOf = (value: Buffer): readonly Needle[] => {
  const hex = value.toString('hex')
  return [
    form(value, 'as it is'),
    form(Buffer.from(hex), 'in hex'),
    form(Buffer.from(hex.toUpperCase()), 'in hex'),
    ...base64Cores(value).map((core) => form(Buffer.from(core), 'in base64')),
  ]
}

/** What a document makes of a text with quotes, line breaks or characters that addresses do not take. */
const quotedForms = (value: Buffer): readonly Needle[] => {
  const text = value.toString('utf8')
  if (!Buffer.from(text).equals(value)) return []
  return [JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]
    .filter((quoted) => quoted !== text)
    .map((quoted) => form(Buffer.from(quoted), 'as it is'))
}

const middle = (value: Buffer): Buffer => {
  if (value.length <= longestValue) return value
  const start = Math.floor((value.length - longestValue) / 2)
  return value.subarray(start, start + longestValue)
}

/** The password in `scheme://user:password@host` is worth as much as the whole. */
const passwords = (text: string): readonly string[] => {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^\s]+)@/i.exec(text)?.[1]
  return password === undefined ? [] : [password]
}

/**
 * Everything to search for, of one secret: of a key its private number, raw and where the file's base64 has it; of any other
 * value the value itself. `short`: needles that only small contents are searched for.
 */
export const needlesOf = (
  value: Uint8Array,
): { readonly needles: readonly Needle[]; readonly short: readonly Needle[] } => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  const text = bytes.toString('utf8').trim()
  const parts = privateParts(text)
  const wanted =
    parts.length > 0
      ? parts.flatMap((part) => [
          ...formsOf(Buffer.from(part.bytes)),
          ...part.lines.flatMap((line) => formsOf(Buffer.from(line))),
        ])
      : [Buffer.from(text), ...passwords(text).map((password) => Buffer.from(password))]
          .filter(({ length }) => length >= shortestValue)
          .map(middle)
          .flatMap((part) => [...formsOf(part), ...quotedForms(part)])
  return {
    needles: wanted.filter((needle) => needle.bytes.length >= shortestPattern),
    short: wanted.filter((needle) => needle.bytes.length < shortestPattern && needle.form === 'as it is'),
  }
}
