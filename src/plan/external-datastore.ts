import type { FileContent, InstallEntry } from './build-plan.ts'
import type { K3sConfigPart } from './k3s-config.ts'
import type { SeedPart } from './seed-files.ts'

const folder = '/var/lib/appliance/datastore'
const files = {
  ca: `${folder}/ca.crt`,
  certificate: `${folder}/client.crt`,
  key: `${folder}/client.key`,
} as const

/** Every server logs in by itself; agents know nothing of the datastore (docs.k3s.io/datastore). */
export const datastoreConfig: K3sConfigPart = ({ cluster: { datastore } }, { role }) => {
  if (datastore.kind !== 'external' || role !== 'server') return {}
  const { endpoint, ca, client } = datastore
  return {
    'datastore-endpoint': { secret: endpoint },
    ...(ca === null ? {} : { 'datastore-cafile': files.ca }),
    ...(client === null ? {} : { 'datastore-certfile': files.certificate, 'datastore-keyfile': files.key }),
  }
}

export const datastoreCertificates: SeedPart = ({ cluster: { datastore } }, { role }) => {
  if (datastore.kind !== 'external' || role !== 'server') return []
  const entry = (target: string, mode: number, content: FileContent): InstallEntry => ({
    target,
    mode,
    content,
  })
  const { ca, client } = datastore
  return [
    ...(ca === null ? [] : [entry(files.ca, 0o644, { kind: 'artifact', artifact: ca })]),
    ...(client === null
      ? []
      : [
          entry(files.certificate, 0o644, { kind: 'artifact', artifact: client.certificate }),
          entry(files.key, 0o600, { kind: 'composed', parts: [{ secret: client.key, as: 'file' }] }),
        ]),
  ]
}
