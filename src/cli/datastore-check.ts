import { dirname, resolve } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { ArtifactStore } from '../materialise/artifact-store.ts'
import { clientKeyFault, datastoreCertificatesIn } from '../materialise/datastore/certificate.ts'
import { checkEndpoint } from '../materialise/datastore/endpoint.ts'
import type { ReadSecret } from '../materialise/secrets.ts'
import type { CheckedProfile } from '../profile/validate.ts'
import type { ResolvedDatastore } from '../resolve/resolved-profile.ts'

const at = ['cluster', 'k3s', 'datastore']
const oneDayMs = 86_400_000

/** The files that a profile names for its datastore, before they are pinned. Missing ones are told by whoever pins them. */
export const checkDatastoreFiles = async (
  host: Host,
  profilePath: string,
  { profile, tree }: CheckedProfile,
): Promise<readonly Diagnostic[]> => {
  const { datastore } = profile.cluster.k3s
  if (datastore?.kind !== 'external') return []
  const faults: Diagnostic[] = []
  for (const part of ['ca', 'cert'] as const) {
    const path = datastore[part]
    const bytes =
      path === undefined ? undefined : await host.files.readBytes(resolve(dirname(profilePath), path))
    if (bytes === undefined) continue
    const found = datastoreCertificatesIn(bytes)
    const range = tree.locate([...at, part])
    if (typeof found === 'string') {
      faults.push({
        code: 'B1222',
        severity: 'error',
        message: `${path} ${found}`,
        range,
        help: 'give a PEM file with blocks `-----BEGIN CERTIFICATE-----`',
      })
      continue
    }
    const ended = found.find(({ validTo }) => Date.parse(validTo) < host.now() + oneDayMs)
    if (ended !== undefined) {
      faults.push({
        code: 'B1222',
        severity: 'warning',
        message: `a certificate in ${path} ends or has ended: ${new Date(ended.validTo).toISOString().slice(0, 10)}`,
        range,
        help: 'give a newer one, or no server can log in to its datastore',
      })
    }
  }
  return faults
}

/** The endpoint by its value, which only a build knows. Before keys are made. */
export const checkDatastoreEndpoint = async (
  host: Host,
  datastore: ResolvedDatastore,
  readSecret: ReadSecret,
): Promise<void> => {
  if (datastore.kind !== 'external') return
  const { endpoint, ca, client } = datastore
  const value = new TextDecoder().decode((await readSecret(endpoint)).reveal())
  for (const { severity, message, help } of checkEndpoint(value, {
    ca: ca !== null,
    client: client !== null,
  })) {
    if (severity === 'error')
      throw new EnvironmentFault(message, help, { code: 'B1220', at: [...at, 'endpoint'] })
    host.report.warn(`[B1221] ${message}; ${help}`)
  }
}

/** Certificate and key together, when the pinned files are at hand. */
export const checkDatastoreLogin = async (
  host: Host,
  datastore: ResolvedDatastore,
  artifacts: Pick<ArtifactStore, 'path'>,
  readSecret: ReadSecret,
): Promise<void> => {
  if (datastore.kind !== 'external' || datastore.client === null) return
  const { certificate, key } = datastore.client
  const bytes = await host.files.readBytes(await artifacts.path(certificate))
  const found = bytes === undefined ? 'is missing' : datastoreCertificatesIn(bytes)
  const [first] = typeof found === 'string' ? [] : found
  const help = 'see `appliance explain B1222`'
  if (first === undefined)
    throw new EnvironmentFault(`${certificate.name} ${found}`, help, { code: 'B1222', at: [...at, 'cert'] })
  const fault = clientKeyFault(first, (await readSecret(key)).reveal())
  if (fault !== undefined)
    throw new EnvironmentFault(`the key of the datastore ${fault}`, help, {
      code: 'B1222',
      at: [...at, 'key'],
    })
}
