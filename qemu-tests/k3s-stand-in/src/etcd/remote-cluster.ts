/** What a joining server asks of one that is there: settings to compare, CA material, members. */

import { isDeepStrictEqual } from 'node:util'
import { get, openAccess } from '../agent/access.ts'
import { log, withMessage } from '../log.ts'
import { parseBootstrapAnswer } from '../server/bootstrap-data.ts'
import type { BootstrapData, Member } from '../server/document.ts'

/** Settings that must be equal on all servers (k3s pkg/daemons/config, CriticalControlArgs), by their flags. */
const CRITICAL: Readonly<Record<string, string>> = {
  ClusterDNSs: 'cluster-dns',
  ClusterIPRanges: 'cluster-cidr',
  ClusterDomain: 'cluster-domain',
  DisableCCM: 'disable-cloud-controller',
  DisableHelmController: 'disable-helm-controller',
  DisableNPC: 'disable-network-policy',
  DisableServiceLB: 'disable-service-lb',
  EgressSelectorMode: 'egress-selector-mode',
  EmbeddedRegistry: 'embedded-registry',
  EncryptProvider: 'secrets-encryption-provider',
  EncryptSecrets: 'secrets-encryption',
  FlannelBackend: 'flannel-backend',
  FlannelExternalIP: 'flannel-external-ip',
  FlannelIPv6Masq: 'flannel-ipv6-masq',
  ServiceIPRanges: 'service-cidr',
  SupervisorMetrics: 'supervisor-metrics',
}

type Config = Readonly<Record<string, unknown>>

export interface RemoteCluster {
  readonly bootstrap: BootstrapData['files']
  readonly members: readonly Member[]
}

export interface JoinServerRequest {
  readonly url: string
  readonly token: string
  readonly agentToken: string
  readonly config: Config
}

/** Throws what ends k3s: it does not wait for a server that does not answer, but is started again. */
export async function readRemoteCluster(request: JoinServerRequest): Promise<RemoteCluster> {
  const { url, token, agentToken, config } = request
  if (token === '') throw new Error('token is required to join a cluster')
  const nobody = ['', ''] as const
  try {
    const access = await openAccess(url, token, nobody, 'server').catch((error: unknown) => {
      throw withMessage(
        error,
        'failed to check if bootstrap data has been initialized: failed to validate token',
      )
    })
    const asNode = await openAccess(url, agentToken === '' ? token : agentToken, nobody)
    compare(config, JSON.parse((await get(asNode, '/v1-k3s/config')).toString()) as Config)
    const bootstrap = parseBootstrapAnswer((await get(access, '/v1-k3s/server-bootstrap')).toString())
    const info = JSON.parse((await get(access, '/db/info')).toString()) as { members: Member[] }
    return { bootstrap, members: info.members }
  } catch (error) {
    throw withMessage(error, 'preparing server: failed to bootstrap cluster data')
  }
}

export function compare(own: Config, theirs: Config): void {
  const different = Object.keys(CRITICAL).filter((name) => !isDeepStrictEqual(own[name], theirs[name]))
  for (const name of different) log.warn(`critical configuration mismatched: ${CRITICAL[name]}`)
  if (different.length > 0) throw new Error('critical configuration value mismatch between servers')
}
