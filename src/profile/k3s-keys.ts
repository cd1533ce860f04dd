/** Type of an option's value: a list is a flag that may be given several times, and takes one text as well. */
export type K3sKeyType = 'boolean' | 'number' | 'text' | 'list'

interface K3sKey {
  readonly type: K3sKeyType
  /** `server`: agents do not know it. */
  readonly on: 'server' | 'both'
  /** Why a profile may not set it. */
  readonly owned?: string
  /** Whether its value must not stand in a profile: always, or when it names a user and a password. */
  readonly secret?: 'always' | 'with-password'
}

const keys = (
  type: K3sKeyType,
  on: 'server' | 'both',
  names: string,
): readonly (readonly [string, K3sKey])[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, { type, on }])

const secrets = (
  secret: 'always' | 'with-password',
  on: 'server' | 'both',
  names: string,
): readonly (readonly [string, K3sKey])[] =>
  names.split(' ').map((name) => [name, { type: 'text', on, secret }])

const owned = (
  on: 'server' | 'both',
  entries: Readonly<Record<string, string>>,
): readonly (readonly [string, K3sKey])[] =>
  Object.entries(entries).map(([name, reason]) => [name, { type: 'text', on, owned: reason }])

const follows = (what: string): string => `it follows from ${what}`

/**
 * Keys of k3s's config.yaml: the long flags of `k3s server` and `k3s agent` without dashes (docs.k3s.io/cli/server and
 * /cli/agent, releases 1.28 to 1.34).
 */
export const k3sKeys: ReadonlyMap<string, K3sKey> = new Map([
  ...keys(
    'boolean',
    'server',
    `tls-san-security flannel-ipv6-masq flannel-external-ip etcd-expose-metrics etcd-disable-snapshots etcd-snapshot-compress
    etcd-s3 etcd-s3-skip-ssl-verify etcd-s3-insecure disable-scheduler disable-cloud-controller disable-kube-proxy
    disable-network-policy disable-helm-controller secrets-encryption enable-pprof embedded-registry supervisor-metrics kine-tls`,
  ),
  ...keys(
    'boolean',
    'both',
    `disable-apiserver-lb protect-kernel-defaults selinux prefer-bundled-bin rootless debug alsologtostderr
    disable-default-registry-endpoint docker`,
  ),
  ...keys(
    'number',
    'server',
    'https-listen-port apiserver-port advertise-port etcd-snapshot-retention etcd-s3-retention',
  ),
  ...keys('number', 'both', 'lb-server-port v'),
  ...keys(
    'text',
    'server',
    `apiserver-bind-address service-node-port-range cluster-domain flannel-backend egress-selector-mode servicelb-namespace
    write-kubeconfig-mode write-kubeconfig-group datastore-cafile datastore-certfile datastore-keyfile
    etcd-snapshot-schedule-cron etcd-snapshot-name etcd-snapshot-dir etcd-snapshot-reconcile-interval etcd-s3-endpoint
    etcd-s3-endpoint-ca etcd-s3-bucket etcd-s3-bucket-lookup-type etcd-s3-region etcd-s3-folder etcd-s3-timeout
    etcd-s3-config-secret default-local-storage-path secrets-encryption-provider system-default-registry helm-job-image`,
  ),
  ...keys(
    'text',
    'both',
    `flannel-iface flannel-conf flannel-cni-conf resolv-conf snapshotter pause-image default-runtime
    container-runtime-endpoint image-service-endpoint image-credential-provider-bin-dir image-credential-provider-config log vmodule
    bind-address`,
  ),
  ...keys(
    'list',
    'server',
    `tls-san cluster-cidr service-cidr cluster-dns kube-apiserver-arg kube-controller-manager-arg kube-scheduler-arg
    kube-cloud-controller-manager-arg etcd-arg helm-controller-arg`,
  ),
  ...keys(
    'list',
    'both',
    'node-external-ip node-internal-dns node-external-dns kubelet-arg kube-proxy-arg nonroot-devices airgap-extra-registry',
  ),
  ...secrets('always', 'server', 'etcd-s3-access-key etcd-s3-secret-key etcd-s3-session-token'),
  ...secrets('with-password', 'server', 'datastore-endpoint etcd-s3-proxy'),
  ...secrets('always', 'both', 'vpn-auth'),
  ...owned('both', {
    token: 'tokens are made once for the cluster and kept in its state',
    'token-file': 'tokens are made once for the cluster and kept in its state',
    server: follows('`cluster.endpoint` and the role of the node'),
    'data-dir': follows('the layout of the image'),
    config: follows('the layout of the image'),
    'private-registry': follows('the layout of the image'),
    'node-name': follows('`nodes[].name`'),
    'with-node-id': follows('`nodes[].name`'),
    'node-label': follows('`nodes[].labels`'),
    'node-taint': follows('`nodes[].taints`'),
    'node-ip': follows('`nodes[].network.address`'),
    'vpn-auth-file': follows('the layout of the image'),
  }),
  ...owned('server', {
    'agent-token': 'tokens are made once for the cluster and kept in its state',
    'agent-token-file': 'tokens are made once for the cluster and kept in its state',
    'cluster-init': follows('`cluster.k3s.datastore`'),
    'cluster-reset': 'it is a repair on a running server, not a setting of an image',
    'cluster-reset-restore-path': 'it is a repair on a running server, not a setting of an image',
    'advertise-address': follows('`nodes[].network.address`'),
    'supervisor-port': 'the API and the supervisor share one port: `https-listen-port`',
    'write-kubeconfig': follows('the layout of the image'),
    disable: follows('`cluster.k3s.disable`'),
    'disable-agent': follows('the role of the node'),
    'disable-apiserver': follows('the role of the node'),
    'disable-controller-manager': follows('the role of the node'),
    'disable-etcd': follows('the role of the node'),
  }),
])

/** Components that k3s packages and `disable` takes. */
export const packagedComponents: readonly string[] = [
  'coredns',
  'servicelb',
  'traefik',
  'local-storage',
  'metrics-server',
  'runtimes',
]
