import { createPatternTable } from './redaction/pattern-table.ts'
import { textForms } from './redaction/text-forms.ts'

/**
 * The secrets of this process, so that nothing that is printed, logged or thrown shows one. Values are known here from
 * the moment a Secret is made of them until the process ends; they leave through nothing but a comparison.
 */
const table = createPatternTable()

/** Shorter ones would blacken ordinary words: whoever reads a profile's secret warns of it. */
export const shortestRedacted = 6

export const placeholder = '[redacted]'

/** Makes a value unprintable: as it is, in JSON and addresses, in hex and in base64. */
export const registerSecret = (content: string | Uint8Array): void => {
  for (const form of textForms(content, shortestRedacted)) table.add(form)
}

/** The text without any secret. Costs nothing while no secret is known. */
export const redact = (text: string): string => table.replace(text, placeholder)
