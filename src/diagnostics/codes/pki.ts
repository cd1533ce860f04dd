import type { CodeEntry } from './entry.ts'

/** R08: `cluster.pki` of a profile. */
export const pkiRuleCodes = {
  R0801: {
    title: 'root and intermediate together',
    explanation:
      'With a root of your own the tool makes the intermediate; with an intermediate of your own, its file holds the certificate of the root too. Name one of the two.',
  },
  R0802: {
    title: 'authority without its certificate or key',
    explanation:
      'An authority of your own is a certificate and its key, either as two PEM files (`cert`, `key`) or in one PKCS#12 file (`p12`, `password`).',
  },
  R0803: {
    title: 'release of k3s that cannot have an authority above its CAs',
    explanation:
      'k3s takes a chain of root, intermediate and issuing CAs since v1.23.17, v1.24.11, v1.25.7 and v1.26.2. For older releases the tool makes self-signed CAs, and nothing can stand above them.',
  },
} as const satisfies Record<string, CodeEntry>

/** B08xx: an authority of the user's own (`cluster.pki`) that cannot do what a cluster needs of it. */
export const pkiCodes = {
  B0801: {
    title: 'certificate that cannot be read',
    explanation:
      'The file that `cluster.pki` names is missing, empty or not what it should be: a PEM text with one or more blocks `-----BEGIN CERTIFICATE-----`. A DER file becomes one with `openssl x509 -inform DER -in ca.der -out ca.pem`.',
  },
  B0802: {
    title: 'key that cannot be read',
    explanation:
      'The key is not a private key in PEM: `EC PRIVATE KEY` (SEC1), `RSA PRIVATE KEY` (PKCS#1) or `PRIVATE KEY` (PKCS#8). Often the certificate or the public key was named instead.',
  },
  B0803: {
    title: 'encrypted key',
    explanation:
      'The PEM key is encrypted with a passphrase, which a build cannot be given. Keep the key in a PKCS#12 file and name that (`p12`, `password`), or encrypt it with age or sops (`key: { age: root.key.age }`); `openssl pkey -in root.key` writes it decrypted.',
  },
  B0804: {
    title: 'PKCS#12 file that cannot be read',
    explanation:
      'The file is missing, cut short, not PKCS#12 (often PEM under that name), protected by a method that is not supported, or holds no private key or no certificate. `openssl pkcs12 -export -in chain.pem -inkey ca.key -out ca.p12` makes one; `openssl pkcs12 -in ca.p12 -info -noout` shows what is in it.',
  },
  B0805: {
    title: 'wrong password of a PKCS#12 file',
    explanation:
      'The password does not open the file. Watch for a password with a line break or spaces at its end, and for the variable or file of another environment.',
  },
  B0806: {
    title: 'expired authority',
    explanation:
      'The certificate, or one above it, has ended: nothing below it would be accepted. Renew it and name the new one. If the clock of this machine is wrong, set it.',
  },
  B0807: {
    title: 'authority that is not valid yet',
    explanation:
      'The certificate, or one above it, starts in the future: nodes would refuse everything below it until then. Use one that has started, or set the clock of this machine.',
  },
  B0808: {
    title: 'certificate that is not a CA',
    explanation:
      'Only a CA may sign certificates: `basicConstraints` must say `CA:TRUE`, and `keyUsage`, where there is one, must hold `keyCertSign`. A server certificate cannot do it.',
  },
  B0809: {
    title: 'path length too small',
    explanation:
      '`pathlen` of `basicConstraints` limits how many CAs may follow below. Below a root come an intermediate and the CAs of the cluster (2), below an intermediate the CAs of the cluster (1), and each further intermediate above adds one. Use an authority without `pathlen` or with a larger one.',
  },
  B0810: {
    title: 'key of another certificate',
    explanation:
      'The private key does not belong to the first certificate. `openssl pkey -in ca.key -pubout` and `openssl x509 -in ca.pem -noout -pubkey` must print the same.',
  },
  B0811: {
    title: 'weak or unknown key or signature',
    explanation:
      'k3s is written in Go, which refuses signatures with SHA-1 and MD5 and knows RSA and the curves P-256, P-384 and P-521; RSA below 2048 bits is not safe for years to come. Make a new authority, such as by `openssl ecparam -name prime256v1 -genkey`.',
  },
  B0812: {
    title: 'chain that does not lead to its root',
    explanation:
      'The certificates must stand in order, each followed by its issuer, the self-signed root last, and nothing else between them: `cat intermediate.pem root.pem > chain.pem`. k3s finds the root of a cluster only in this file, and takes the hash in tokens from it.',
  },
  B0813: {
    title: 'root and intermediate confused',
    explanation:
      'A root is signed by its own key; an intermediate is signed by another one. Name a root under `cluster.pki.root` and an intermediate under `cluster.pki.intermediate`, with its chain.',
  },
  B0814: {
    title: 'extended key usage on a CA',
    explanation:
      'Go applies the extended key usage of a CA to everything below it: one that lists only servers makes every client certificate of the cluster invalid, and k3s no longer finds the root for its tokens. Use a CA without `extendedKeyUsage`.',
  },
  B0815: {
    title: 'CA without its key identifiers',
    explanation:
      'k3s tells a root from an intermediate by two extensions: every CA needs a `subjectKeyIdentifier`, and every CA that is not a root an `authorityKeyIdentifier` that names its issuer. Make the certificate with `subjectKeyIdentifier=hash` and `authorityKeyIdentifier=keyid`.',
  },
  B0816: {
    title: 'extension that forbids what a cluster needs',
    explanation:
      'Certificates of k3s carry names such as `kubernetes` and addresses such as 127.0.0.1 and 10.43.0.1, which name constraints of an authority exclude; and Go refuses a chain with a critical extension that it does not know. Use an authority without them.',
  },
  B0817: {
    title: 'authority that ends before what it must sign',
    explanation:
      'k3s makes its certificates for 365 days. An authority that ends sooner would end before them, and the cluster would stop on that day. Renew the authority first.',
  },
  B0818: {
    title: 'authority that ends soon',
    explanation:
      'Nothing outlives its issuer: the CAs of the cluster end with this authority, in less than two years, and every node needs new ones before. Renew the authority first if the nodes are hard to reach.',
  },
  B0820: {
    title: 'key of your own authority is needed',
    explanation:
      'The key of a root or intermediate of your own is used once and never kept in the state. What you ask for signs with it again: name it under `cluster.pki` of the profile, with a key that can be read now.',
  },
  B0821: {
    title: 'another root than that of the cluster',
    explanation:
      'The tokens of every node pin the root that the cluster was made with. Under another root nodes would not find each other: that is a new cluster, with new images for all.',
  },
  B0822: {
    title: 'certificates of the cluster and profile disagree',
    explanation:
      'The certificates of a cluster are made once, when it is built for the first time. What `cluster.pki` or the release of k3s asks for now differs from what the state holds: put the profile back as it was, or make a new cluster under another name.',
  },
  B0823: {
    title: 'authority that starts after the lock',
    explanation:
      'A node without a clock that runs wakes at the time of the lock at the earliest and would refuse an authority that starts later, until it learns the time. Run `appliance lock <profile>` anew, or use an authority with an earlier start.',
  },
} as const satisfies Record<string, CodeEntry>
