import { expect, test } from 'vitest'
import type { Lab } from './testing.ts'
import { faultsOf } from './testing.ts'

const config = (settings: string): Lab => ({ k3s: `config: { ${settings} }` })
const mirrored = (settings: string): Lab => ({
  k3s: `registries: { mirrors: { docker.io: {} } }\nconfig: { ${settings} }`,
})
const etcd = (settings: string): Lab => ({
  k3s: `datastore: { kind: etcd }\nconfig: { ${settings} }`,
  server: ', network: { address: 192.168.10.11/24 }',
})

const cases: readonly (readonly [Lab, readonly string[]])[] = [
  [
    config('etcd-snapshot-retention: 9, etcd-s3: false'),
    [
      'warning R0323 6:15 [etcd-snapshot-retention] `etcd-snapshot-retention` has no effect: there is no embedded etcd; remove it, or set what it needs',
    ],
  ],
  [etcd('etcd-snapshot-retention: 9'), []],
  [
    etcd('etcd-s3-bucket: b'),
    [
      'warning R0323 7:15 [etcd-s3-bucket] `etcd-s3-bucket` has no effect: `etcd-s3` is not on; remove it, or set what it needs',
    ],
  ],
  [etcd('etcd-s3: true, etcd-s3-bucket: b'), []],
  [
    etcd('etcd-s3: true, etcd-s3-bucket: b, etcd-s3-config-secret: s'),
    [
      'warning R0323 7:49 [etcd-s3-config-secret] `etcd-s3-config-secret` has no effect: `etcd-s3-bucket` is set, and counts instead; remove it, or set what it needs',
    ],
  ],
  [
    etcd('etcd-disable-snapshots: true, etcd-snapshot-compress: true'),
    [
      'warning R0323 7:45 [etcd-snapshot-compress] `etcd-snapshot-compress` has no effect: `etcd-disable-snapshots` is on; remove it, or set what it needs',
    ],
  ],
  [
    config('secrets-encryption-provider: secretbox'),
    [
      'warning R0323 6:15 [secrets-encryption-provider] `secrets-encryption-provider` has no effect: `secrets-encryption` is not on; remove it, or set what it needs',
    ],
  ],
  [config('secrets-encryption-provider: secretbox, secrets-encryption: true'), []],
  [
    { k3s: 'config: { flannel-backend: none }', server: ', k3s: { flannel-iface: eth1 }' },
    [
      'warning R1321 6:32 [none] k3s is told to bring no network for pods, and nothing else brings one; add the manifests or the chart of a CNI under `images`: until one is there no node is ready',
      'warning R0323 8:60 [flannel-iface] `flannel-iface` has no effect: `flannel-backend` is `none`; remove it, or set what it needs',
    ],
  ],
  [
    config('disable-kube-proxy: true, kube-proxy-arg: [v=2]'),
    [
      'warning R0323 6:41 [kube-proxy-arg] `kube-proxy-arg` has no effect: `disable-kube-proxy` is on; remove it, or set what it needs',
    ],
  ],
  [
    config('disable-helm-controller: true'),
    [
      'warning R0323 6:15 [disable-helm-controller] without the helm controller traefik is not deployed; add `traefik` to `cluster.k3s.disable`, or remove this key',
    ],
  ],
  [{ k3s: 'disable: [traefik]\nconfig: { disable-helm-controller: true }' }, []],
  [
    config('embedded-registry: true'),
    [
      'warning R0323 6:15 [embedded-registry] `embedded-registry` has no effect: it shares the images of registries under `registries.mirrors`, and there are none; remove it, or set what it needs',
    ],
  ],
  [
    { ...mirrored('embedded-registry: true, docker: true'), packages: ['docker.io'] },
    [
      'R0322 7:40 [docker] `docker` contradicts `embedded-registry`; the embedded registry shares images of the containerd in k3s: keep one of the two',
    ],
  ],
  [mirrored('embedded-registry: true, docker: false'), []],
  [
    config('https-listen-port: 10250'),
    ['R0322 6:34 [10250] port 10250 is that of the kubelet; use another one'],
  ],
  [
    config('cluster-dns: 10.44.0.10'),
    [
      'R0330 6:28 [10.44.0.10] `10.44.0.10` is outside the service network 10.43.0.0/16; use an address of `service-cidr`, or leave it out: k3s takes the tenth',
    ],
  ],
  [config('cluster-dns: 10.44.0.10, service-cidr: 10.44.0.0/16'), []],
  [
    config('cluster-dns: [10.43.0.1]'),
    [
      'R0330 6:29 [10.43.0.1] `10.43.0.1` is the address of the API in the service network; use another address, or leave it out: k3s takes the tenth',
    ],
  ],
]

test.each(cases)('%j', (lab, expected) => {
  expect(faultsOf(lab)).toEqual(expected)
})
