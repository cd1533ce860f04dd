import { expect, test } from 'vitest'
import type { Lab } from './testing.ts'
import { faultsOf } from './testing.ts'

const config = (settings: string): Lab => ({ k3s: `config: { ${settings} }` })
const agents = (settings: string): Lab => ({ k3s: `agentConfig: { ${settings} }` })
const etcd = (args: string): Lab => ({
  k3s: `datastore: { kind: etcd }\nconfig: { etcd-arg: [${args}] }`,
  server: ', network: { address: 192.168.10.11/24 }',
})
const controllers = (args: string, cidr: string): Lab =>
  config(`cluster-cidr: ${cidr}, kube-controller-manager-arg: [${args}]`)

/** What is told of each: codes and the marked texts. */
const cases: readonly (readonly [Lab, readonly string[]])[] = [
  // Programs and files of the machine.
  [agents('snapshotter: fuse-overlayfs'), ['R0334 [fuse-overlayfs]']],
  [{ ...agents('snapshotter: fuse-overlayfs'), packages: ['fuse-overlayfs'] }, []],
  [agents('docker: false, default-runtime: runc, snapshotter: native'), []],
  [agents('resolv-conf: /run/systemd/resolve/resolv.conf'), []],
  [agents('flannel-conf: /etc/flannel.json'), ['warning R0335 [/etc/flannel.json]']],
  [agents('kubelet-arg: [config=/etc/kubelet.conf]'), ['warning R0335 [config=/etc/kubelet.conf]']],
  [config('kube-apiserver-arg: [oidc-ca-file=/etc/ssl/certs/ca-certificates.crt]'), []],
  // Ports.
  [config('https-listen-port: 22'), ['R0322 [22]']],
  [config('https-listen-port: 443'), ['R0322 [443]']],
  [{ k3s: 'disable: [traefik]\nconfig: { https-listen-port: 443 }' }, []],
  [config('lb-server-port: 6443'), ['R0322 [6443]']],
  [config('https-listen-port: 7443, lb-server-port: 6443'), []],
  [config('https-listen-port: 31000, service-node-port-range: 30000-32767'), ['warning R0336 [30000-32767]']],
  [config('service-node-port-range: 20000-32767'), []],
  [config('bind-address: "::1"'), ['R0340 ["::1"]']],
  [config('bind-address: 192.168.10.11'), []],
  // Values with which a component ends.
  [etcd('heartbeat-interval=1000, election-timeout=5000'), []],
  [etcd('heartbeat-interval=1000, election-timeout=4999'), ['R0337 [election-timeout=4999]']],
  [etcd('election-timeout=60000'), ['R0337 [election-timeout=60000]']],
  [agents('kubelet-arg: ["tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_GCM_SHA256"]'), []],
  [config('kube-apiserver-arg: [tls-min-version=VersionTLS14]'), ['R0338 [tls-min-version=VersionTLS14]']],
  [agents('kubelet-arg: [cgroup-driver=cgroupfs]'), ['R0327 [cgroup-driver=cgroupfs]']],
  [agents('kube-proxy-arg: [proxy-mode=nfttables]'), ['R0338 [proxy-mode=nfttables]']],
  [
    agents('kubelet-arg: ["feature-gates=Foo=true,Bar=maybe"]'),
    ['R0338 ["feature-gates=Foo=true,Bar=maybe"]'],
  ],
  // Two nodes.
  [config('cluster-cidr: 10.42.0.0/24'), ['R0339 [10.42.0.0/24]']],
  [config('cluster-cidr: 10.42.0.0/23'), []],
  [controllers('node-cidr-mask-size=25', '10.42.0.0/24'), []],
  [controllers('node-cidr-mask-size-ipv4=28', '11.0.0.0/8'), ['R0339 [11.0.0.0/8]']],
  [config('kube-controller-manager-arg: [node-cidr-mask-size=15]'), ['R0339 [node-cidr-mask-size=15]']],
  [agents('kubelet-arg: [max-pods=254]'), []],
  [agents('kubelet-arg: [max-pods=255]'), ['warning R0341 [max-pods=255]']],
  [
    {
      k3s: 'agentConfig: { kubelet-arg: [max-pods=300] }\nconfig: { kube-controller-manager-arg: [node-cidr-mask-size=23] }',
    },
    [],
  ],
  // Addresses.
  [{ server: ', network: { address: 169.254.1.1/16 }' }, ['R0201 [169.254.1.1/16]']],
  // Forms of names.
  [config('cluster-domain: "my domain"'), ['R0320 ["my domain"]']],
  [
    config('tls-san: [api.example.com, 192.168.10.1, "*.example.com", "https://api"]'),
    ['R0320 ["https://api"]'],
  ],
  [agents('flannel-iface: eth0/1'), ['R0320 [eth0/1]']],
  [config('servicelb-namespace: Load_Balancers'), ['R0320 [Load_Balancers]']],
]

test.each(cases)('%j', (lab, expected) => {
  const told = faultsOf(lab).map((fault) =>
    fault.replace(/^((?:warning )?R\d+) \d+:\d+ (\[.*?\]) .*$/, '$1 $2'),
  )
  expect(told).toEqual(expected)
})
