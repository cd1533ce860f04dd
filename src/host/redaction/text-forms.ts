import { Buffer } from 'node:buffer'
import { base64Cores } from './base64-cores.ts'

/** Of a PEM file, what is public: everything else in such a file is a key. */
const publicBlock = /^(CERTIFICATE|TRUSTED CERTIFICATE|X509 CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST)$/

interface PemBlock {
  readonly label: string
  readonly lines: readonly string[]
}

const pemBlocks = (text: string): readonly PemBlock[] =>
  [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)].map(
    ([, label = '', body = '']) => ({
      label,
      lines: body.split(/\s+/).filter((line) => line.length > 0),
    }),
  )

/** `K10<hash>::server:<password>` (docs.k3s.io/cli/token) and `scheme://user:password@host`: the password is secret alone too. */
const innerSecrets = (text: string): readonly string[] => {
  const token = /^K10[0-9a-f]{64}::(?:[^:]+:)?(.+)$/.exec(text)?.[1]
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#]+)@/i.exec(text)?.[1]
  return [token, password, password === undefined ? undefined : decoded(password)].flatMap((part) =>
    part === undefined ? [] : [part],
  )
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const jsonInner = (text: string): string => JSON.stringify(text).slice(1, -1)

/** The texts whose appearance anywhere would show the value: nothing where it is public or too short to be told from words. */
export const secretTexts = (text: string, shortest: number): readonly string[] => {
  const blocks = pemBlocks(text)
  if (blocks.length > 0) {
    // The last line of a key may be short; its neighbours suffice.
    return blocks
      .filter(({ label }) => !publicBlock.test(label))
      .flatMap(({ lines }) => lines.filter((line) => line.length >= 16))
  }
  const whole = text.trim()
  return [whole, ...innerSecrets(whole)].filter((part) => part.length >= shortest)
}

const encodings = (bytes: Buffer): readonly string[] => {
  const hex = bytes.toString('hex')
  return [hex, hex.toUpperCase(), ...base64Cores(bytes)]
}

/** Every form in which a value may come out: as it is, quoted by JSON, in an address, in hex, in base64. */
export const textForms = (content: string | Uint8Array, shortest: number): readonly string[] => {
  const bytes = Buffer.from(typeof content === 'string' ? Buffer.from(content) : content)
  const text = bytes.toString('utf8')
  const isText = Buffer.from(text).equals(bytes)
  const forms = isText
    ? secretTexts(text, shortest).flatMap((part) => [
        part,
        jsonInner(part),
        // JSON within JSON, as a log of a document has it.
        jsonInner(jsonInner(part)),
        encodeURIComponent(part),
        ...encodings(Buffer.from(part)),
      ])
    : encodings(bytes)
  return [...new Set(forms)].filter((form) => form.length >= shortest)
}
