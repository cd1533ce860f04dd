/** What skopeo's complaint means for whoever asked for the image. */
export type SkopeoFailure =
  | 'not-found'
  | 'refused'
  | 'untrusted'
  | 'too-many-requests'
  | 'changed'
  | 'interrupted'

/** Texts of containers/image 5.21 to 5.34 and of registries; the first that fits counts. */
const signs: readonly (readonly [SkopeoFailure, RegExp])[] = [
  [
    'untrusted',
    /x509:|certificate signed by unknown authority|failed to verify certificate|server gave HTTP response to HTTPS/,
  ],
  ['too-many-requests', /toomanyrequests|too many requests|\b429\b/i],
  [
    'changed',
    /digest did not match|does not match expected digest|manifest digest mismatch|digest mismatch/i,
  ],
  [
    'refused',
    /unauthorized|authentication required|access .*denied|\bdenied:|invalid username\/password|status(?: code)?:? 40[13]|\b403\b|\b401\b|no basic auth credentials/i,
  ],
  [
    'not-found',
    /manifest unknown|name unknown|not found|repository .*not known|status(?: code)?:? 404|\b404\b/i,
  ],
]

export const skopeoFailure = (text: string): SkopeoFailure =>
  signs.find(([, sign]) => sign.test(text))?.[0] ?? 'interrupted'
