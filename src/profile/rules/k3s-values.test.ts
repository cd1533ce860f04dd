import { expect, test } from 'vitest'
import type { Lab } from './testing.ts'
import { faultsOf } from './testing.ts'

const config = (settings: string, version = 'v1.33.1+k3s1'): Lab => ({
  version,
  k3s: `config: { ${settings} }`,
})

const cases: readonly (readonly [Lab, readonly string[]])[] = [
  [
    config('flannel-backend: wiregard-native'),
    [
      'R0319 6:32 [wiregard-native] `flannel-backend` does not take `wiregard-native`; did you mean `wireguard-native`?',
    ],
  ],
  [
    config('flannel-backend: ipsec'),
    [
      'R0319 6:32 [ipsec] `flannel-backend` does not take `ipsec`; it was removed in v1.28; use `wireguard-native` instead',
    ],
  ],
  [
    config('flannel-backend: ipsec', 'v1.27.3+k3s1'),
    ['warning R0318 6:32 [ipsec] `flannel-backend: ipsec` is deprecated since v1.27; use `wireguard-native`'],
  ],
  [config('flannel-backend: ipsec', 'v1.21.3+k3s1'), []],
  [config('flannel-backend: wireguard-native=Mode=auto', 'v1.25.16+k3s1'), []],
  [
    config('egress-selector-mode: on'),
    ['R0319 6:37 [on] `egress-selector-mode` does not take `on`; it takes agent, cluster, pod, disabled'],
  ],
  [
    config('snapshotter: overlay'),
    ['warning R0319 6:28 [overlay] `snapshotter` does not take `overlay`; did you mean `overlayfs`?'],
  ],
  [config('https-listen-port: 70000'), ['R0320 6:34 [70000] 70000 is not a port; ports are 1 to 65535']],
  [
    config('service-node-port-range: 32767-30000'),
    ['R0320 6:40 [32767-30000] `32767-30000` is not a range of ports; write `30000-32767`'],
  ],
  [config('service-node-port-range: 30000+100'), []],
  [
    config('cluster-dns: [10.43.0.10, dns]'),
    ['R0320 6:41 [dns] `dns` is not an address; write an IPv4 or IPv6 address without a length'],
  ],
  [
    config('write-kubeconfig-mode: 644'),
    ['R0320 6:38 [644] `644` is not the mode of a file; write it as a text: `"0640"`'],
  ],
  [config('write-kubeconfig-mode: "0640"'), []],
  [
    config('resolv-conf: ./resolv.conf'),
    [
      'R0320 6:28 [./resolv.conf] `./resolv.conf` is not an absolute path; name a file of the node, from `/` on',
    ],
  ],
  [config('v: -1'), ['R0320 6:18 [-1] `v` cannot be negative; write 0 or more']],
]

test.each(cases)('%j', (lab, expected) => {
  expect(faultsOf(lab)).toEqual(expected)
})
