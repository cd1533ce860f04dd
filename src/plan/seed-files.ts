import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { InstallEntry, PlannedFile, SeedPlan } from './build-plan.ts'
import { certificateAuthorities } from './build-plan.ts'
import { planNoCloud } from './cloud-init.ts'
import { fixedVolumeId } from './fixed-ids.ts'
import { firstServer, planK3sConfig, secretFiles } from './k3s-config.ts'
import { planNetworkFiles } from './network-files.ts'
import { toYaml } from './to-yaml.ts'

const tlsFolder = '/var/lib/rancher/k3s/server/tls'

/** Some tens of kilobytes of documents and keys; FAT16 wants a few megabytes, and a larger seed costs time at every build. */
const seedBytes = 16 * 1024 * 1024

const text = (path: string, content: string): PlannedFile => ({
  path,
  mode: 0o644,
  content: { kind: 'text', text: content },
})

const plain = (target: string, mode: number, content: string): InstallEntry => ({
  target,
  mode,
  content: { kind: 'text', text: content },
})

const fromState = (target: string, name: string, secret: boolean): InstallEntry => ({
  target,
  mode: secret ? 0o600 : 0o644,
  content: { kind: 'state', reference: { name, secret } },
})

/** `KEY='value'` for a POSIX shell. Values are names, numbers and addresses, checked by the profile; quoted all the same. */
const shellLine = (key: string, value: string | number): string =>
  `${key}='${String(value).replaceAll("'", `'\\''`)}'\n`

const nodeConf = (profile: ResolvedProfile, node: ResolvedNode): string =>
  [
    shellLine('NODE_NAME', node.name),
    shellLine('ROLE', node.role),
    shellLine('FIRST', isFirst(profile, node) ? 'yes' : 'no'),
    shellLine('CLUSTER', profile.cluster.name),
    shellLine('CLOCK_FLOOR', profile.epoch),
    shellLine('ADDRESSES', node.network.kind === 'static' ? node.network.addresses.join(' ') : ''),
  ].join('')

const isFirst = (profile: ResolvedProfile, node: ResolvedNode): boolean =>
  firstServer(profile)?.name === node.name

/** No node gets more than its role needs: an agent never sees the server's token, and CA keys go to the first server alone. */
const secrets = (profile: ResolvedProfile, node: ResolvedNode): readonly InstallEntry[] => [
  fromState('/etc/rancher/node/password', `node-password/${node.name}`, true),
  ...(node.role === 'server'
    ? [
        fromState(secretFiles.token, 'token/server', true),
        fromState(secretFiles.agentToken, 'token/agent', true),
      ]
    : [fromState(secretFiles.token, 'token/agent', true)]),
  ...(isFirst(profile, node)
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
const proxySettings = (profile: ResolvedProfile): readonly InstallEntry[] => {
  const { proxy } = profile.site
  if (proxy === null) return []
  const lines = [
    ...(proxy.http === null ? [] : [`HTTP_PROXY=${proxy.http}\n`]),
    ...(proxy.https === null ? [] : [`HTTPS_PROXY=${proxy.https}\n`]),
    ...(proxy.noProxy.length === 0 ? [] : [`NO_PROXY=${proxy.noProxy.join(',')}\n`]),
  ]
  return [plain('/etc/default/k3s', 0o600, lines.join(''))]
}

/** Everything that makes an image this node's: cloud-init's documents, and the files for the first-boot service to place. */
export const planSeed = (profile: ResolvedProfile, node: ResolvedNode): SeedPlan => {
  const documents = planNoCloud(profile, node)
  return {
    volumeId: fixedVolumeId(`${profile.cluster.name}/${node.name}/seed`),
    sizeBytes: seedBytes,
    files: [
      text('meta-data', documents.metaData),
      text('user-data', documents.userData),
      text('appliance/node.conf', nodeConf(profile, node)),
    ],
    install: [
      plain('/var/lib/appliance/k3s-config.yaml', 0o600, toYaml(planK3sConfig(profile, node))),
      ...proxySettings(profile),
      ...planNetworkFiles(profile, node),
      ...secrets(profile, node),
    ],
    epoch: profile.epoch,
  }
}
