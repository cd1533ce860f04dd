/** The flags of `server` and `agent`: names, kinds, one-letter forms and variables of the environment. */

export type FlagKind = 'text' | 'switch' | 'list'

export interface Flag {
  readonly name: string
  readonly kind: FlagKind
  readonly alias?: string
  readonly variable?: string
}

const words = (text: string): string[] => text.trim().split(/\s+/)
const flagsOf = (kind: FlagKind, names: string): Flag[] => words(names).map((name) => ({ name, kind }))

/** Name, one-letter form or `-`, variable or `-`. */
const SPECIAL: readonly (readonly [string, string, string])[] = [
  ['token', 't', 'K3S_TOKEN'],
  ['token-file', '-', 'K3S_TOKEN_FILE'],
  ['agent-token', '-', 'K3S_AGENT_TOKEN'],
  ['agent-token-file', '-', 'K3S_AGENT_TOKEN_FILE'],
  ['server', 's', 'K3S_URL'],
  ['data-dir', 'd', 'K3S_DATA_DIR'],
  ['config', 'c', 'K3S_CONFIG_FILE'],
  ['node-ip', 'i', '-'],
  ['node-name', '-', 'K3S_NODE_NAME'],
  ['log', 'l', '-'],
  ['write-kubeconfig', 'o', 'K3S_KUBECONFIG_OUTPUT'],
  ['write-kubeconfig-mode', '-', 'K3S_KUBECONFIG_MODE'],
  ['write-kubeconfig-group', '-', 'K3S_KUBECONFIG_GROUP'],
  ['datastore-endpoint', '-', 'K3S_DATASTORE_ENDPOINT'],
  ['datastore-cafile', '-', 'K3S_DATASTORE_CAFILE'],
  ['datastore-certfile', '-', 'K3S_DATASTORE_CERTFILE'],
  ['datastore-keyfile', '-', 'K3S_DATASTORE_KEYFILE'],
  ['cluster-init', '-', 'K3S_CLUSTER_INIT'],
  ['cluster-reset', '-', 'K3S_CLUSTER_RESET'],
  ['lb-server-port', '-', 'K3S_LB_SERVER_PORT'],
  ['selinux', '-', 'K3S_SELINUX'],
  ['resolv-conf', '-', 'K3S_RESOLV_CONF'],
  ['system-default-registry', '-', 'K3S_SYSTEM_DEFAULT_REGISTRY'],
  ['debug', '-', 'K3S_DEBUG'],
]

const SHARED = [
  ...flagsOf(
    'text',
    `token token-file server data-dir config node-name lb-server-port container-runtime-endpoint default-runtime
     image-service-endpoint private-registry pause-image snapshotter flannel-iface flannel-conf flannel-cni-conf vpn-auth
     vpn-auth-file resolv-conf image-credential-provider-bin-dir image-credential-provider-config bind-address v vmodule log`,
  ),
  ...flagsOf(
    'switch',
    `with-node-id protect-kernel-defaults selinux docker disable-apiserver-lb disable-default-registry-endpoint
     nonroot-devices enable-pprof prefer-bundled-bin rootless debug alsologtostderr`,
  ),
  ...flagsOf(
    'list',
    `node-ip node-external-ip node-internal-dns node-external-dns airgap-extra-registry kubelet-arg kube-proxy-arg
     node-taint node-label`,
  ),
]

const SERVER_ONLY = [
  ...flagsOf(
    'text',
    `service-node-port-range cluster-domain https-listen-port supervisor-port apiserver-port apiserver-bind-address
     advertise-address advertise-port flannel-backend egress-selector-mode servicelb-namespace write-kubeconfig
     write-kubeconfig-mode write-kubeconfig-group helm-job-image agent-token agent-token-file cluster-reset-restore-path
     datastore-endpoint datastore-cafile datastore-certfile datastore-keyfile etcd-snapshot-name
     etcd-snapshot-schedule-cron etcd-snapshot-reconcile-interval etcd-snapshot-retention etcd-snapshot-dir
     etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-access-key etcd-s3-secret-key etcd-s3-session-token etcd-s3-bucket
     etcd-s3-bucket-lookup-type etcd-s3-region etcd-s3-folder etcd-s3-proxy etcd-s3-config-secret etcd-s3-timeout
     default-local-storage-path system-default-registry secrets-encryption-provider`,
  ),
  ...flagsOf(
    'switch',
    `tls-san-security flannel-ipv6-masq flannel-external-ip cluster-init cluster-reset kine-tls etcd-expose-metrics
     etcd-disable-snapshots etcd-snapshot-compress etcd-s3 etcd-s3-skip-ssl-verify etcd-s3-insecure disable-scheduler
     disable-cloud-controller disable-kube-proxy disable-network-policy disable-helm-controller disable-apiserver
     disable-controller-manager disable-etcd embedded-registry supervisor-metrics secrets-encryption disable-agent`,
  ),
  ...flagsOf(
    'list',
    `cluster-cidr service-cidr cluster-dns tls-san kube-apiserver-arg etcd-arg kube-scheduler-arg
     kube-controller-manager-arg kube-cloud-controller-manager-arg kube-controller-arg kube-cloud-controller-arg disable`,
  ),
]

export const AGENT_FLAGS = SHARED.map(withForms)
export const SERVER_FLAGS = [...SHARED, ...SERVER_ONLY].map(withForms)

function withForms(flag: Flag): Flag {
  const special = SPECIAL.find(([name]) => name === flag.name)
  if (special === undefined) return flag
  const [, alias, variable] = special
  return { ...flag, ...(alias === '-' ? {} : { alias }), ...(variable === '-' ? {} : { variable }) }
}
