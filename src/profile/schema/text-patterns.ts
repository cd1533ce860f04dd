/** A DNS label (RFC 1123): what Kubernetes takes for names of nodes and objects. */
export const dnsLabelPattern = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'

/** A Debian package name (Debian Policy, 5.6.1). */
export const packageNamePattern = '^[a-z0-9][a-z0-9+.-]+$'

/** A country by ISO 3166. */
export const countryPattern = '^[A-Z]{2}$'

/** A number of days, weeks or years. */
export const lifetimePattern = '^[1-9][0-9]{0,4}[dwy]$'

/** Date and time in UTC (RFC 3339). */
export const utcTimePattern = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'

/** A duration as Go writes it, in hours, minutes and seconds. */
export const durationPattern = '^(?=.)([0-9]+h)?([0-9]+m)?([0-9]+s)?$'
/** Ports from one to another. */
export const portRangePattern = '^[1-9][0-9]{0,4}-[1-9][0-9]{0,4}$'

/** The name of an image, or a part of it with `*`. */
export const imagePattern = '^[A-Za-z0-9*][A-Za-z0-9*._:/@-]*$'

/** Name of a device tree overlay. */
export const deviceTreeNamePattern = '^[A-Za-z0-9][A-Za-z0-9_-]*$'

/** What a pattern asks for, for whoever missed it. */
export const patternHelp: Readonly<Record<string, string>> = {
  [dnsLabelPattern]: 'use up to 63 lower-case letters, digits and `-`, no `-` first or last',
  [packageNamePattern]: 'use the name of a Debian package: lower-case letters, digits, `+`, `-`, `.`',
  [countryPattern]: 'use two capital letters, such as DE',
  [lifetimePattern]: 'use a number of days, weeks or years, such as `90d`, `12w` or `3y`',
  [utcTimePattern]: 'use date and time in UTC, such as `2027-01-31T00:00:00Z`',
  [durationPattern]: 'use hours, minutes and seconds, such as `15m` or `1h30m`',
  [imagePattern]: 'use the name of an image, such as `docker.io/library/nginx:1.29`, or `*` for parts of it',
  [portRangePattern]: 'use a port, or a range such as `30000-32767`',
  [deviceTreeNamePattern]: 'use the name of an overlay, such as `w1-gpio`, without folder and `.dtbo`',
  '^[^\\s,=]+$': 'use a value without spaces, `,` and `=`',
  '\\S': 'write some text',
}
