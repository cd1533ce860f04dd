import type { CodeEntry } from './entry.ts'

/** R10: secrets in a profile. */
export const secretRuleCodes = {
  R1001: {
    title: 'a secret stands in the profile',
    explanation:
      'A profile is committed, copied and shown; a secret in it is known to everybody who has seen it. Name the place where it is found when images are built: `{ env: NAME }`, `{ file: ./secrets/psk }`, `{ exec: [pass, show, bakery/psk] }`, `{ age: ./psk.age }` or `{ sops: ./secrets.enc.yaml, key: wifi.psk }`. For a lab whose secrets are worth nothing, `--allow-literal-secrets` makes this a warning.',
  },
  R1002: {
    title: 'malformed secret reference',
    explanation:
      'A reference has exactly one of the keys `env`, `file`, `exec`, `age` and `sops`: a name, a path, a list of a program and its arguments, a path, a path. Beside `sops` may stand `key`, the place of the value in the file, such as `wifi.psk`.',
  },
  R1003: {
    title: 'value that must be known when images are planned',
    explanation:
      'Other parts of an image follow from this setting of k3s, such as the addresses of a certificate: it must stand in the profile and cannot be a reference to a secret.',
  },
} as const satisfies Record<string, CodeEntry>

/** B10: secrets while images are built. */
export const secretGateCodes = {
  B1001: {
    title: 'a secret is where it must not be',
    explanation:
      'Before outputs are put in place, everything that was built is searched for the secrets of the cluster and of the profile: as they are, in hex and in base64. One was found outside the one file that is planned to hold it: in a part that all nodes share, in the seed of another node, in a record or in a log. The usual cause is a manifest, an image archive or a setting of your own that holds the value: take it out there, name it by a reference, and make a new secret if the old one has been handed out. Nothing was put into the output folder.',
  },
  B1002: {
    title: 'secret that cannot be read',
    explanation:
      'The profile says where this secret is found, and there is none, or none that fits its place. All secrets of a build are read before keys are made or anything is written: set the variable, correct the path, install the program or give the age identity that the message names, and build again. `appliance validate`, `lock` and `plan` need no secret.',
  },
} as const satisfies Record<string, CodeEntry>
