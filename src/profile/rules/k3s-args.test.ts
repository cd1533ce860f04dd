import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ComponentFlag } from '../../recipes/k3s-tables.ts'
import { sampleK3sTables } from '../../recipes/testing.ts'
import type { Lab } from './testing.ts'
import { faultsOf } from './testing.ts'

const kubelet = (args: string, version = 'v1.33.1+k3s1'): Lab => ({
  version,
  k3s: `agentConfig: { kubelet-arg: [${args}] }`,
})
const apiserver = (args: string): Lab => ({ k3s: `config: { kube-apiserver-arg: [${args}] }` })

const cases: readonly (readonly [Lab, readonly string[]])[] = [
  [kubelet('max-pods=60, v=2, "feature-gates=A=true"'), []],
  [
    kubelet('max-pds=60'),
    ['R0325 6:34 [max-pds=60] kubelet has no flag `max-pds`; did you mean `max-pods`?'],
  ],
  [
    kubelet('max_pods=60'),
    ['R0325 6:34 [max_pods=60] kubelet has no flag `max_pods`; did you mean `max-pods`?'],
  ],
  [
    { k3s: 'agentConfig: { kubelet-arg: max-pds=60 }' },
    ['R0325 6:33 [max-pds=60] kubelet has no flag `max-pds`; did you mean `max-pods`?'],
  ],
  [
    kubelet('v=2, max-pods 60'),
    ['R0324 6:39 [max-pods 60] an entry is `name=value`; did you mean `max-pods=60`?'],
  ],
  [
    kubelet('--max-pods=60'),
    ['warning R0324 6:34 [--max-pods=60] an entry needs no dashes; write `max-pods=...`'],
  ],
  [kubelet('=60'), ['R0324 6:34 [=60] an entry is `name=value`; such as `max-pods=60`']],
  [
    kubelet('max-pods=many'),
    ['R0324 6:34 [max-pods=many] `max-pods` takes a number; write a number after `=`'],
  ],
  [kubelet('max-pods'), ['R0324 6:34 [max-pods] `max-pods` needs a value; write `max-pods=value`']],
  [kubelet('fail-swap-on'), []],
  [
    kubelet('streaming-connection-idle-timeout=5'),
    [
      'R0324 6:34 [streaming-connection-idle-timeout=5] `streaming-connection-idle-timeout` takes a length of time such as `5m`; name the unit, such as `streaming-connection-idle-timeout=5s`',
    ],
  ],
  [
    kubelet('docker-root=/x'),
    ['R0332 6:34 [docker-root=/x] kubelet of v1.33 has no flag `docker-root`; it was removed by v1.25'],
  ],
  [kubelet('docker-endpoint=unix:///x', 'v1.21.3+k3s1'), []],
  [
    kubelet('config-dir=/x', 'v1.27.4+k3s1'),
    ['R0332 6:34 [config-dir=/x] kubelet of v1.27 has no flag `config-dir`; it came with v1.28'],
  ],
  // The lists of 1.22 to 1.24 are not known: what any neighbour has may be there.
  [kubelet('docker-endpoint=unix:///x', 'v1.23.17+k3s1'), []],
  [
    kubelet('max-pds=60', 'v1.23.17+k3s1'),
    ['warning R0325 6:34 [max-pds=60] kubelet has no flag `max-pds`; did you mean `max-pods`?'],
  ],
  [
    kubelet('max-pods=60, max-pods=70'),
    ['R0326 6:47 [max-pods=70] `max-pods` is set twice; keep one of the two'],
  ],
  [kubelet('max-pods=60, max-pods=60'), []],
  [kubelet('"eviction-hard=a<1%", "eviction-hard=b<1%"'), []],
  [
    kubelet('node-labels=a=b'),
    ['R0327 6:34 [node-labels=a=b] `node-labels` of kubelet is set by k3s; remove it: use `nodes[].labels`'],
  ],
  [
    kubelet('anonymous-auth=true'),
    [
      'warning R0333 6:34 [anonymous-auth=true] `anonymous-auth=true` lets everybody use kubelet; remove it: the default of k3s asks who is there',
    ],
  ],
  [
    apiserver('enable-admission-plugins=EventRateLimit'),
    [
      'R0331 6:36 [enable-admission-plugins=EventRateLimit] `enable-admission-plugins` replaces the `NodeRestriction` of k3s; write `enable-admission-plugins=NodeRestriction,EventRateLimit`',
    ],
  ],
  [apiserver('enable-admission-plugins+=EventRateLimit'), []],
  [apiserver('"enable-admission-plugins=NodeRestriction,EventRateLimit"'), []],
  [
    apiserver('service-cluster-ip-range=10.1.0.0/16, default-not-ready-toleration-seconds=30'),
    [
      'R0327 6:36 [service-cluster-ip-range=10.1.0.0/16] `service-cluster-ip-range` of kube-apiserver is set by k3s; remove it: use `service-cidr`',
    ],
  ],
  [{ k3s: 'config: { kube-cloud-controller-manager-arg: [whatever=1] }' }, []],
  [
    { server: ', k3s: { kubelet-arg: [max-pods=60, "{ env: X }", max-pds=1] }' },
    [
      'R0324 8:87 ["{ env: X }"] an entry is `name=value`; such as `max-pods=60`',
      'R0325 8:101 [max-pds=1] kubelet has no flag `max-pds`; did you mean `max-pods`?',
    ],
  ],
]

test.each(cases)('%j', (lab, expected) => {
  expect(faultsOf(lab)).toEqual(expected)
})

const written: Readonly<Record<ComponentFlag['type'], string>> = {
  boolean: '=false',
  number: '=1',
  text: '=x',
  list: '=x',
  duration: '=1m',
  other: '=x',
}

const components = [...sampleK3sTables.components]
  .filter(([name]) => name !== 'etcd')
  .map(([name, component]) => ({ name, ...component }))

test('a flag that a release has is accepted; with a letter too many it gets a suggestion', () => {
  fc.assert(
    fc.property(fc.constantFrom(...components), fc.nat(), fc.nat(), (component, pickMinor, pickName) => {
      const minor = component.known[pickMinor % component.known.length] ?? 0
      const flags = component.names
        .flatMap((name) => component.flag(name) ?? [])
        .filter(
          ({ name, since, removed }) =>
            (since === undefined || since <= minor) &&
            (removed === undefined || minor < removed) &&
            component.owned(name) === undefined &&
            // Of these the value is read, not only its type.
            !/^(enable-admission-plugins|tls-cipher-suites|tls-min-version|feature-gates|proxy-mode|logging-format|audit-log-(format|mode)|(cpu|memory|topology)-manager-.*|node-cidr-mask-size.*)$/.test(
              name,
            ),
        )
      const flag = flags[pickName % flags.length]
      if (flag === undefined) throw new Error('no flag')
      const key = component.name === 'kubelet' || component.name === 'kube-proxy' ? 'agentConfig' : 'config'
      const faults = (arg: string): readonly string[] =>
        faultsOf({
          version: `v1.${minor}.99+k3s1`,
          k3s: `${key}: { ${component.name}-arg: ["${arg}"] }`,
        })
      expect(faults(`${flag.name}${written[flag.type]}`)).toEqual([])
      const misspelt = `${flag.name}q`
      if (flag.name.length > 3 && component.flag(misspelt) === undefined)
        expect(faults(`${misspelt}=1`)[0]).toMatch(/^R0325 .*did you mean/)
    }),
    { numRuns: 300 },
  )
})
