import { X509Certificate } from 'node:crypto'

/** The certificates of a PEM text, one PEM each, ending in a newline: nothing between them is kept. */
export const splitCertificates = (text: string): readonly string[] =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(
    (block) => `${block.replaceAll('\r', '')}\n`,
  )

/** Each certificate of a PEM text as Node sees it. Throws where one is damaged. */
export const readCertificates = (text: string): readonly X509Certificate[] =>
  splitCertificates(text).map((pem) => new X509Certificate(pem))

/** One certificate as the PEM text that this program writes everywhere: lines of 64, one newline at the end. */
export const certificatePem = (der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
