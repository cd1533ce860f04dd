import type { CodeEntry } from './entry.ts'

/** R122x: an external datastore, as far as the profile shows it. */
export const datastoreRuleCodes = {
  R1220: {
    title: 'client certificate without its key, or key without its certificate',
    explanation:
      'To log in to a datastore by certificate k3s needs both: `cert`, a PEM file beside the profile, and `key`, a reference to its private key.',
  },
} as const satisfies Record<string, CodeEntry>

/** B122x: an external datastore, when its secrets are read and its files looked into. */
export const datastoreCodes = {
  B1220: {
    title: 'endpoint of a datastore that k3s cannot use',
    explanation:
      'The value that `cluster.k3s.datastore.endpoint` leads to is not of a form that k3s understands, or leads to the node itself: k3s would say so only on the node. The forms are `postgres://USER:PASSWORD@HOST:5432/DB` (user and password percent-encoded), `mysql://USER:PASSWORD@tcp(HOST:3306)/DB` (not encoded; no `tls=`), `https://HOST:2379,https://HOST:2379` for etcd and `nats://HOST:4222`. See docs/datastores.md. The value itself is never shown.',
  },
  B1221: {
    title: 'datastore that is reached without due protection',
    explanation:
      'All Secrets of the cluster pass over the connection to its datastore, and the keys of its CAs, encrypted with the server token. Without a certificate that is checked, whoever is on the way reads or changes them. Give the database a certificate and name the authority that signed it by `ca`. The build goes on.',
  },
  B1222: {
    title: 'certificate or key of a datastore that cannot be used',
    explanation:
      '`ca` and `cert` are PEM files with blocks `-----BEGIN CERTIFICATE-----` and without any key; `key` leads to the private key of `cert`, in PEM and not encrypted. A DER file becomes PEM with `openssl x509 -inform DER -in ca.der -out ca.pem`, a key is decrypted with `openssl pkey -in client.key`.',
  },
} as const satisfies Record<string, CodeEntry>
