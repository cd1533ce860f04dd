/** The letters of bech32 by value (BIP 173), in which age writes its public keys. */
const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

/** The checksum of BIP 173, without its limit of 90 letters, which age's post-quantum keys exceed. */
const polymod = (values: readonly number[]): number =>
  values.reduce((sum, value) => {
    const top = sum >>> 25
    const next = ((sum & 0x1ffffff) << 5) ^ value
    return generators.reduce((mixed, generator, bit) => ((top >> bit) & 1 ? mixed ^ generator : mixed), next)
  }, 1)

const isBech32 = (prefix: string, data: string): boolean => {
  const values = [...data].map((letter) => letters.indexOf(letter))
  const codes = [...prefix].map((letter) => letter.charCodeAt(0))
  const expanded = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)]
  return !values.includes(-1) && polymod([...expanded, ...values]) === 1
}

/** Letters after the prefix: a key of 32 bytes, or of 1216 (X25519 and ML-KEM-768), and the checksum of 6. */
const lengths: Readonly<Record<string, number>> = { age: 52 + 6, age1pq: 1946 + 6 }

/** True for a public key of age with nothing mistyped: `age1...` or the post-quantum `age1pq1...`. */
export const isAgeRecipient = (text: string): boolean => {
  const separator = text.lastIndexOf('1')
  const prefix = text.slice(0, separator)
  const data = text.slice(separator + 1)
  return lengths[prefix] === data.length && isBech32(prefix, data)
}
