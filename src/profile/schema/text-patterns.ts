/** A DNS label (RFC 1123): what Kubernetes takes for names of nodes and objects. */
export const dnsLabelPattern = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'

/** A Debian package name (Debian Policy, 5.6.1). */
export const packageNamePattern = '^[a-z0-9][a-z0-9+.-]+$'

/** A country by ISO 3166. */
export const countryPattern = '^[A-Z]{2}$'

/** What a pattern asks for, for whoever missed it. */
export const patternHelp: Readonly<Record<string, string>> = {
  [dnsLabelPattern]: 'use up to 63 lower-case letters, digits and `-`, no `-` first or last',
  [packageNamePattern]: 'use the name of a Debian package: lower-case letters, digits, `+`, `-`, `.`',
  [countryPattern]: 'use two capital letters, such as DE',
  '\\S': 'write some text',
}
