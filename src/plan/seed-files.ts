import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import { accessManifests } from './access-manifests.ts'
import { seedLabel } from './base-image/base-image-plan.ts'
import { planImageRadio } from './base-image/base-image-radio.ts'
import type { InstallEntry, PlannedFile, ProfileSecret, SeedPlan, TextPart } from './build-plan.ts'
import { certificateAuthorities } from './build-plan.ts'
import { clusterMac, clusterRadio } from './cluster-interface.ts'
import { corednsManifest } from './coredns.ts'
import { snapshotFiles } from './etcd.ts'
import { datastoreCertificates } from './external-datastore.ts'
import { planFirewall } from './firewall/firewall-file.ts'
import { fixedVolumeId } from './fixed-ids.ts'
import { clockSaving, mediumConf } from './flash-wear.ts'
import { hardeningFiles } from './hardening/hardening-files.ts'
import type { ClusterEntry } from './k3s-config.ts'
import { entryOf, firstServer, planK3sConfig, secretFiles, urlOf } from './k3s-config.ts'
import { nameServerFile } from './name-servers.ts'
import { planNetworkFiles } from './network-files.ts'
import { overlayModule } from './overlay-module.ts'
import { planDocuments } from './provisioning/documents.ts'
import { planRegistries } from './registries.ts'
import { secretManifests } from './secret-manifests.ts'
import { textContent, yamlContent } from './secret-text.ts'
import { vipMac, vipManifest } from './vip.ts'
import { planWatchdog } from './watchdog.ts'
import { planWifi } from './wifi.ts'

const tlsFolder = '/var/lib/rancher/k3s/server/tls'

/** Some tens of kilobytes of documents and keys; FAT16 wants a few megabytes, and a larger seed costs time at every build. */
const seedBytes = 16 * 1024 * 1024

/** Where the first-boot service looks for a datastore to begin with. */
export const restoreFolder = '/var/lib/appliance/restore'

/** What makes the seed of a node another one than usual: its base, or that it takes a lost node's place (`appliance replace`). */
export interface SeedOptions {
  readonly entry?: ClusterEntry
  /** What the front end reads; by default what it does on a base of our own. */
  readonly documents?: readonly PlannedFile[]
  /** Files of a copied datastore, by name. */
  readonly backup?: readonly { readonly name: string; readonly sizeBytes: number }[]
}

/** What one concern has placed on the node at its first boot. */
export type SeedPart = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  entry: ClusterEntry,
) => readonly InstallEntry[]

/** The usual size, and room for a backup in whole clusters. */
const seedSize = (backup: NonNullable<SeedOptions['backup']>): number => {
  const mib = 1024 * 1024
  return backup.reduce((sum, { sizeBytes }) => sum + (Math.ceil(sizeBytes / mib) + 1) * mib, seedBytes)
}

const fromState = (target: string, name: string, secret: boolean): InstallEntry => ({
  target,
  mode: secret ? 0o600 : 0o644,
  content: { kind: 'state', reference: { name, secret } },
})

/** `KEY='value'` for a POSIX shell. Values are names, numbers and addresses, checked by the profile; quoted all the same. */
const shellLine = (key: string, value: string | number): string =>
  `${key}='${String(value).replaceAll("'", `'\\''`)}'\n`

const optionalLine = (key: string, value: string | null): readonly string[] =>
  value === null ? [] : [shellLine(key, value)]

/** Where the servers that join can be asked whether the cluster is there already; other datastores know that themselves. */
const joiningServers = (profile: ResolvedProfile): readonly string[] =>
  profile.nodes
    .filter(({ role, name }) => role === 'server' && name !== firstServer(profile)?.name)
    .map(({ name, network }) =>
      urlOf(profile, (network.kind === 'static' ? network.addresses[0]?.split('/')[0] : undefined) ?? name),
    )

const nodeConf = (profile: ResolvedProfile, node: ResolvedNode, entry: ClusterEntry): string =>
  [
    shellLine('NODE_NAME', node.name),
    shellLine('ROLE', node.role),
    shellLine('FIRST', entry.kind === 'starts' ? 'yes' : 'no'),
    shellLine('CLUSTER', profile.cluster.name),
    shellLine('CLOCK_FLOOR', profile.epoch),
    shellLine('ADDRESSES', node.network.kind === 'static' ? node.network.addresses.join(' ') : ''),
    ...optionalLine('CLUSTER_MAC', clusterMac(profile, node)),
    ...optionalLine('VIP_MAC', vipMac(profile, node)),
    ...(clusterRadio(profile, node) === '' ? [] : [shellLine('RADIO', clusterRadio(profile, node))]),
    ...Object.entries(mediumConf(node)).map(([key, value]) => shellLine(key, value)),
    ...(entry.kind === 'starts' && profile.cluster.datastore.kind === 'etcd'
      ? [shellLine('PEERS', joiningServers(profile).join(' '))]
      : []),
  ].join('')

/** An agent with a token of its own does not get the common one, which would let any machine in. */
const agentTokenName = (node: ResolvedNode): string =>
  node.bootstrapToken === null ? 'token/agent' : `token/bootstrap/${node.name}`

/**
 * No node gets more than its role needs: an agent never sees the server's token, and CA keys go to the first server alone,
 * unless any server may be the first.
 */
const secrets: SeedPart = (_profile, node, entry) => [
  fromState('/etc/rancher/node/password', `node-password/${node.name}`, true),
  ...(node.role === 'server'
    ? [
        fromState(secretFiles.token, 'token/server', true),
        fromState(secretFiles.agentToken, 'token/agent', true),
      ]
    : [fromState(secretFiles.token, agentTokenName(node), true)]),
  ...(entry.kind !== 'joins'
    ? [
        ...certificateAuthorities.flatMap((name) => [
          fromState(`${tlsFolder}/${name}.crt`, `pki/${name}.crt`, false),
          fromState(`${tlsFolder}/${name}.key`, `pki/${name}.key`, true),
        ]),
        fromState(`${tlsFolder}/service.key`, 'pki/service.key', true),
      ]
    : []),
]

/** Read by k3s.service (EnvironmentFile). May hold a proxy's password, hence its mode. */
const proxySettings: SeedPart = (profile) => {
  const { proxy } = profile.site
  if (proxy === null) return []
  const line = (name: string, value: string | ProfileSecret | null): readonly TextPart[] => {
    if (value === null) return []
    return typeof value === 'string'
      ? [`${name}=${value}\n`]
      : [`${name}=`, { secret: value, as: 'text' }, '\n']
  }
  const content = textContent([
    ...line('HTTP_PROXY', proxy.http),
    ...line('HTTPS_PROXY', proxy.https),
    ...line('NO_PROXY', proxy.noProxy.length === 0 ? null : proxy.noProxy.join(',')),
  ])
  return [{ target: '/etc/default/k3s', mode: 0o600, content }]
}

const k3sConfig: SeedPart = (profile, node, entry) => [
  {
    target: '/var/lib/appliance/k3s-config.yaml',
    mode: 0o600,
    content: yamlContent(planK3sConfig(profile, node, entry)),
  },
]

const parts: readonly SeedPart[] = [
  k3sConfig,
  proxySettings,
  planNetworkFiles,
  planWifi,
  planImageRadio,
  planWatchdog,
  clockSaving,
  hardeningFiles,
  planFirewall,
  planRegistries,
  nameServerFile,
  overlayModule,
  corednsManifest,
  secrets,
  (profile, _node, entry) =>
    entry.kind === 'starts' ? [...accessManifests(profile), ...secretManifests(profile)] : [],
  vipManifest,
  snapshotFiles,
  datastoreCertificates,
]

/** Everything that makes an image this node's: cloud-init's documents, and the files for the first-boot service to place. */
export const planSeed = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  { entry = entryOf(profile, node), documents = planDocuments(profile, node), backup = [] }: SeedOptions = {},
): SeedPlan => ({
  volumeId: fixedVolumeId(`${profile.cluster.name}/${node.name}/seed`),
  label: seedLabel(profile.base.image),
  sizeBytes: seedSize(backup),
  documents,
  files: [
    {
      path: 'appliance/node.conf',
      mode: 0o644,
      content: { kind: 'text', text: nodeConf(profile, node, entry) },
    },
  ],
  install: [
    ...parts.flatMap((part) => part(profile, node, entry)),
    ...backup.map(({ name, sizeBytes }) => ({
      target: `${restoreFolder}/${name}`,
      mode: 0o600,
      content: { kind: 'backup' as const, name, sizeBytes },
    })),
  ],
  epoch: profile.epoch,
})
