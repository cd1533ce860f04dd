/** RFC 2397, percent-encoded: what is written can be read in the document. */
export const dataUrl = (text: string): string => `data:,${encodeURIComponent(text)}`

/** Of any bytes: base64 where they are no text. */
export const bytesUrl = (bytes: Uint8Array): string => {
  try {
    return dataUrl(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return `data:;base64,${Buffer.from(bytes).toString('base64')}`
  }
}

const form = /^data:([^,]*),(.*)$/s

/** The bytes of a `data:` URL; undefined for anything else, and for one that is malformed. */
export const readDataUrl = (url: string): Uint8Array | undefined => {
  const [, head, body = ''] = form.exec(url) ?? []
  if (head === undefined || /%(?![0-9a-f]{2})/i.test(body)) return undefined
  const bytes = Buffer.from(
    Buffer.from(body)
      .toString('latin1')
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  if (!/;base64$/i.test(head)) return bytes
  const text = bytes.toString('latin1')
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.replaceAll('=', '').length % 4 !== 1
    ? Buffer.from(text, 'base64')
    : undefined
}
