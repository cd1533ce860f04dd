import type { Rule } from './context.ts'
import { faultAt } from './context.ts'

/** A login by certificate needs both halves. */
export const wholeClientCertificate: Rule = (context) => {
  const { datastore } = context.profile.cluster.k3s
  const path = ['cluster', 'k3s', 'datastore']
  if (datastore?.kind !== 'external' || !context.isSound(path)) return []
  const { cert, key } = datastore
  if ((cert === undefined) === (key === undefined)) return []
  const [there, missing] = cert === undefined ? (['key', 'cert'] as const) : (['cert', 'key'] as const)
  return [
    faultAt(context, 'R1220', [...path, there], `\`${there}\` without \`${missing}\``, {
      part: 'key',
      help:
        missing === 'key'
          ? 'name the private key of this certificate: `key: { file: ./secrets/client.key }`'
          : 'name the certificate of this key, a PEM file: `cert: ./client.crt`',
    }),
  ]
}
