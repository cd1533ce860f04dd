/** Finds the root of a bundle as k3s does before it hashes it. */

import type { Certificate } from './certificate.ts'

/** serverAuth and anyExtendedKeyUsage. */
const FOR_SERVERS: readonly string[] = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0']

/**
 * The root that the first certificate of the bundle verifies to, or null. Certificates after the first are roots when
 * they name no other issuer's key, else intermediates. Go's verifier wants every certificate valid now, no path longer than
 * a CA allows, and, by default, fit for TLS servers: an extended key usage on a CA (none is needed there) breaks the chain
 * unless it is serverAuth or any.
 */
export function findRoot(bundle: readonly Certificate[], now: Date): Certificate | null {
  const [first, ...others] = bundle
  if (first === undefined) return null
  const roots = others.filter(
    ({ authorityKeyId, subjectKeyId }) =>
      authorityKeyId === null || (subjectKeyId !== null && authorityKeyId.equals(subjectKeyId)),
  )
  const intermediates = others.filter((certificate) => !roots.includes(certificate))
  return climb(first, roots, intermediates, now, [])
}

function climb(
  certificate: Certificate,
  roots: readonly Certificate[],
  intermediates: readonly Certificate[],
  now: Date,
  path: readonly Certificate[],
): Certificate | null {
  if (!isUsable(certificate, now)) return null
  for (const root of roots) {
    if (isUsable(root, now) && isIssuer(root, certificate, path.length)) return root
  }
  for (const issuer of intermediates) {
    if (path.includes(issuer) || !isIssuer(issuer, certificate, path.length)) continue
    const found = climb(issuer, roots, intermediates, now, [...path, certificate])
    if (found !== null) return found
  }
  return null
}

function isUsable(certificate: Certificate, now: Date): boolean {
  if (now < certificate.notBefore || now > certificate.notAfter) return false
  const usages = certificate.x509.keyUsage as readonly string[] | undefined
  return !certificate.hasExtendedKeyUsage || (usages?.some((usage) => FOR_SERVERS.includes(usage)) ?? false)
}

function isIssuer(issuer: Certificate, certificate: Certificate, intermediates: number): boolean {
  return (
    issuer.x509.ca &&
    intermediates <= (issuer.pathLength ?? Number.POSITIVE_INFINITY) &&
    certificate.x509.checkIssued(issuer.x509) &&
    certificate.x509.verify(issuer.x509.publicKey)
  )
}
