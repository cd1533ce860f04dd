import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { K3sKey } from '../../recipes/k3s-tables.ts'
import { sampleK3sTables } from '../../recipes/testing.ts'
import { writableKeys } from '../k3s-keys.ts'
import type { Lab } from './testing.ts'
import { faultsOf } from './testing.ts'

const cases: Readonly<Record<string, readonly [Lab, readonly string[]]>> = {
  'a misspelt key': [
    { k3s: 'config: { kublet-arg: [v=2] }' },
    ['R0312 6:15 [kublet-arg] k3s has no option `kublet-arg`; did you mean `kubelet-arg`?'],
  ],
  'dashes and underscores': [
    { k3s: 'config: { --cluster_domain: lab.local }' },
    ['R0312 6:15 [--cluster_domain] k3s has no option `--cluster_domain`; did you mean `cluster-domain`?'],
  ],
  'a short flag': [
    { k3s: 'config: { l: /var/log/k3s.log }' },
    ['R0312 6:15 [l] k3s has no option `l`; did you mean `log`?'],
  ],
  'a key that came later': [
    { version: 'v1.27.9+k3s1', k3s: 'config: { embedded-registry: true }' },
    ['R0316 6:15 [embedded-registry] v1.27.9+k3s1 has no option `embedded-registry`; it came in v1.27.10'],
  ],
  'a key that came to this minor': [
    {
      version: 'v1.27.10+k3s1',
      k3s: 'registries: { mirrors: { docker.io: {} } }\nconfig: { embedded-registry: true }',
    },
    [],
  ],
  'a key that no release of this minor has': [
    { version: 'v1.21.5+k3s1', k3s: 'config: { embedded-registry: true }' },
    ['R0316 6:15 [embedded-registry] v1.21.5+k3s1 has no option `embedded-registry`; it came in v1.26.13'],
  ],
  'a key that was removed': [
    { k3s: 'agentConfig: { no-flannel: true }' },
    [
      'R0317 6:20 [no-flannel] v1.33.1+k3s1 has no option `no-flannel`; it was removed in v1.26; use `flannel-backend: none` instead',
    ],
  ],
  'a deprecated key': [
    { version: 'v1.36.3+k3s1', k3s: 'config: { helm-job-image: klipper:1 }' },
    [
      'warning R0318 6:15 [helm-job-image] `helm-job-image` is deprecated since v1.36; use `helm-controller-arg: [default-job-image=IMAGE]`',
    ],
  ],
  'a key of the tool': [
    { server: ', k3s: { node-ip: 10.0.0.1 }' },
    [
      'R0311 8:60 [node-ip] `node-ip` is set by the tool; remove it: it follows from `nodes[].network.address`',
    ],
  ],
  'a wrong type': [
    {
      k3s: 'config: { secrets-encryption: "true", etcd-s3-timeout: 300 }\nagentConfig: { kubelet-arg: [1] }',
    },
    [
      'R0313 6:35 ["true"] `secrets-encryption` must be true or false, not a text',
      'warning R0323 6:43 [etcd-s3-timeout] `etcd-s3-timeout` has no effect: there is no embedded etcd; remove it, or set what it needs',
      'R0313 6:60 [300] `etcd-s3-timeout` must be a length of time such as `10m`, not a number; name the unit, such as `300s`',
      'R0313 7:33 [[1]] `kubelet-arg` must be a list of texts, not a list; put each entry in quotes',
    ],
  ],
  'a server key for all nodes': [
    { k3s: 'agentConfig: { cluster-domain: lab.local }' },
    ['R0314 6:20 [cluster-domain] agents have no option `cluster-domain`; move it to `cluster.k3s.config`'],
  ],
  'a server key of an agent': [
    { agent: ', k3s: { tls-san: [x] }' },
    ['R0314 9:59 [tls-san] agents have no option `tls-san`; remove it: only servers read it'],
  ],
  'a key that agents learned later': [
    { version: 'v1.27.14+k3s1', agent: ', k3s: { bind-address: 10.0.0.1 }' },
    ['R0314 9:59 [bind-address] agents have no option `bind-address`; remove it: only servers read it'],
  ],
  'an agent key of servers': [
    { k3s: 'config: { disable-apiserver-lb: true }' },
    [
      'R0314 6:15 [disable-apiserver-lb] servers have no option `disable-apiserver-lb`; move it to `cluster.k3s.agentConfig`',
    ],
  ],
  'an agent key for all nodes': [{ k3s: 'agentConfig: { disable-apiserver-lb: true }' }, []],
  'an agent key of one server': [
    { server: ', k3s: { disable-apiserver-lb: true }' },
    [
      'R0314 8:60 [disable-apiserver-lb] servers have no option `disable-apiserver-lb`; remove it: only agents read it',
    ],
  ],
  'a critical key of one server': [
    { server: ', k3s: { flannel-backend: host-gw, https-listen-port: 7443 }' },
    [
      'R0321 8:60 [flannel-backend] `flannel-backend` must be equal on all servers; move it from `nodes[0].k3s` to `cluster.k3s.config`',
      'R0321 8:86 [https-listen-port] `https-listen-port` must be equal on all servers; move it from `nodes[0].k3s` to `cluster.k3s.config`',
    ],
  ],
  'a secret of one node': [
    { agent: ', k3s: { vpn-auth: "name=tailscale,joinKey=k" }' },
    [
      'R1001 9:69 ["name=tailscale,joinKey=k"] `nodes[1].k3s.vpn-auth` holds a secret; write `{ env: NAME }` or `{ file: PATH }`',
    ],
  ],
  'a reference of one node': [{ agent: ', k3s: { vpn-auth: { env: VPN_AUTH } }' }, []],
  'a newer minor': [
    { version: 'v1.99.0+k3s1', k3s: 'config: { secrets-encryption: true }' },
    [
      'warning R0328 5:14 [v1.99.0+k3s1] v1.99 is newer than what is known of k3s here; options are checked as for v1.36, the newest one known; a newer appliance may know more',
    ],
  ],
  'a release too old': [
    { version: 'v1.20.15+k3s1' },
    [
      'R0329 5:14 [v1.20.15+k3s1] v1.20.15+k3s1 is older than v1.21, the oldest release supported; use a release of v1.36',
    ],
  ],
  'a component that came later': [
    { version: 'v1.21.5+k3s1', k3s: 'disable: [traefik, runtimes]' },
    ['R0315 6:24 [runtimes] v1.21.5+k3s1 has no component `runtimes`; it came in v1.26.12'],
  ],
}

test.each(Object.entries(cases))('%s', (_, [lab, expected]) => {
  expect(faultsOf(lab)).toEqual(expected)
})

const examples: Readonly<Record<string, string>> = {
  address: '10.43.0.10',
  count: '3',
  cron: '"0 */6 * * *"',
  domain: 'cluster.local',
  host: 'api.example.com',
  interface: 'eth0',
  label: 'kube-system',
  mode: '"0640"',
  network: '10.44.0.0/16',
  path: '/etc/x',
  port: '7000',
  'port-range': '31000-32000',
  positive: '5m',
}

/** A value that a key takes, as it is written in a profile. */
const writtenValue = (key: K3sKey): string => {
  if (key.secret !== undefined) return '{ env: SECRET }'
  if (key.type === 'boolean') return 'false'
  const [first] = key.values
  const plain =
    first?.value ?? (key.format === undefined ? (key.type === 'number' ? '1' : '1m') : examples[key.format])
  return key.type === 'list' ? `[${key.component === undefined ? plain : ''}]` : (plain ?? '')
}

const minor = fc.integer({ min: sampleK3sTables.oldest, max: sampleK3sTables.newest })
const releases = minor.map((number) => ({ minor: number, patch: 99 }))

test('a key that a release knows is accepted there with a value of its type', () => {
  fc.assert(
    fc.property(releases, fc.nat(), (release, pick) => {
      const names = writableKeys(sampleK3sTables, 'server', release)
      const key = sampleK3sTables.keys.get(names[pick % names.length] ?? '')
      if (key === undefined) throw new Error('no key')
      const found = faultsOf({
        version: `v1.${release.minor}.99+k3s1`,
        k3s: `config: { ${key.name}: ${writtenValue(key)} }`,
      })
      expect(found.filter((fault) => !fault.startsWith('warning'))).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('a key one letter away from a known one gets a suggestion', () => {
  fc.assert(
    fc.property(releases, fc.nat(), fc.nat(), (release, pick, place) => {
      const names = writableKeys(sampleK3sTables, 'server', release).filter((name) => name.length > 3)
      const name = names[pick % names.length] ?? ''
      const at = place % name.length
      const misspelt = `${name.slice(0, at)}z${name.slice(at + 1)}`
      if (sampleK3sTables.keys.has(misspelt)) return
      const [found] = faultsOf({
        version: `v1.${release.minor}.99+k3s1`,
        k3s: `config: { ${misspelt}: x }`,
      })
      expect(found).toMatch(/^R0312 .*; did you mean `/)
    }),
    { numRuns: 200 },
  )
})
