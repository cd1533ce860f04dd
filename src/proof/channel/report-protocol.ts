/** What a guest says of itself: key to value, keys of src/proof/report-keys.ts. Facts only; the host makes the verdict. */
export type Facts = ReadonlyMap<string, string>

export type ReportEvent =
  | { readonly kind: 'hello'; readonly bootId: string }
  | { readonly kind: 'facts'; readonly facts: Facts }

/** Base64 as the guest's `base64` writes it; undefined for anything else. */
const decode = (text: string): string | undefined =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
    ? Buffer.from(text, 'base64').toString('utf8')
    : undefined

/**
 * Reads the guest's side of the protocol:
 *
 *   hello 5c6f...          once, when the report service starts
 *   begin                  answer to `collect`
 *   unit.failed            a key without a value: the empty string
 *   k3s.ping cG9uZw==      a key and its value in base64
 *   end
 *
 * A line that is none of these is dropped: a truncated answer shows as a missing fact, which no check accepts.
 */
export const createReportParser = (onEvent: (event: ReportEvent) => void): ((chunk: string) => void) => {
  let rest = ''
  let facts: Map<string, string> | undefined
  const onLine = (line: string): void => {
    const [key = '', value = '', ...more] = line.split(' ')
    if (more.length > 0) return
    if (key === 'hello') {
      facts = undefined
      onEvent({ kind: 'hello', bootId: value })
    } else if (line === 'begin') {
      facts = new Map()
    } else if (line === 'end') {
      if (facts !== undefined) onEvent({ kind: 'facts', facts })
      facts = undefined
    } else if (facts !== undefined) {
      const text = decode(value)
      if (text !== undefined) facts.set(key, text)
    }
  }
  return (chunk) => {
    rest += chunk
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.replace(/\r$/, ''))
  }
}
