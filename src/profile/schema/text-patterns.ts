/** A DNS label (RFC 1123): what Kubernetes takes for names of nodes and objects. */
export const dnsLabelPattern = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
