import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { Profile } from '../../profile/schema.ts'
import { resolveHardening } from '../../resolve/hardening.ts'
import type { ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { argName, argValue } from '../component-args.ts'
import { entryOf, planK3sConfig } from '../k3s-config.ts'
import { sampleNode, sampleProfile } from '../testing.ts'
import { expectedHardening, hardeningFiles } from './hardening-files.ts'

type K3s = Partial<Profile['cluster']['k3s']>

const hardened = (version: string, k3s: K3s = {}): ResolvedProfile => {
  const sample = sampleProfile()
  const { disable = [], config = {}, agentConfig = {}, ...rest } = k3s
  const hardening = resolveHardening({
    cluster: { name: 'bakery', k3s: { version, hardening: 'cis', ...rest } },
  } as Profile)
  return sampleProfile({
    cluster: { ...sample.cluster, k3sVersion: version, disable, config, agentConfig, hardening },
  })
}

const configOf = (profile: ResolvedProfile, name: string) => planK3sConfig(profile, sampleNode(profile, name))

const argsOf = (profile: ResolvedProfile, key: string, name = 'bakery-1') =>
  Object.fromEntries(
    (configOf(profile, name)[key] as readonly string[]).map((arg) => [argName(arg), argValue(arg)]),
  )

const filesOf = (profile: ResolvedProfile, name: string): ReadonlyMap<string, string> => {
  const node = sampleNode(profile, name)
  return new Map(
    hardeningFiles(profile, node, entryOf(profile, node)).map(({ target, content }) => {
      if (content.kind !== 'text') throw new Error(`${target} is no plain text`)
      return [target, content.text]
    }),
  )
}

const server = '/var/lib/rancher/k3s/server'
const manifestsOf = (profile: ResolvedProfile, name = 'appliance-hardening') =>
  parseAllDocuments(filesOf(profile, 'bakery-1').get(`${server}/manifests/${name}.yaml`) ?? '').map(
    (document) => document.toJS() as { kind: string; metadata: { name: string; namespace?: string } },
  )
const namesOf = (profile: ResolvedProfile, kind: string) =>
  manifestsOf(profile)
    .filter((object) => object.kind === kind)
    .map(({ metadata }) => metadata.name)

test('without the hardening there is nothing of it', () => {
  const profile = sampleProfile()
  const node = sampleNode(profile, 'bakery-1')
  expect(hardeningFiles(profile, node, entryOf(profile, node))).toEqual([])
  expect(planK3sConfig(profile, node)).not.toHaveProperty('protect-kernel-defaults')
  expect(expectedHardening(null, 'server')).toBeNull()
})

test.each([
  [
    'v1.21.14+k3s1',
    'NodeRestriction,PodSecurityPolicy,NamespaceLifecycle,ServiceAccount,EventRateLimit',
    '10',
  ],
  ['v1.24.17+k3s1', 'NodeRestriction,EventRateLimit', '10'],
  ['v1.28.15+k3s1', 'NodeRestriction,EventRateLimit', '10'],
  ['v1.33.1+k3s1', 'NodeRestriction,EventRateLimit', '100'],
])('the flags of %s', (version, plugins, threshold) => {
  const profile = hardened(version)
  expect(configOf(profile, 'bakery-1')).toMatchObject({
    'protect-kernel-defaults': true,
    'secrets-encryption': true,
  })
  const api = argsOf(profile, 'kube-apiserver-arg')
  expect(api).toMatchObject({
    'enable-admission-plugins': plugins,
    'admission-control-config-file': `${server}/psa.yaml`,
    'audit-log-path': `${server}/logs/audit.log`,
    'audit-policy-file': `${server}/audit.yaml`,
    'audit-log-maxage': '30',
    'audit-log-maxbackup': '10',
    'audit-log-maxsize': '100',
  })
  const isNew = version.startsWith('v1.33')
  expect(api['service-account-extend-token-expiration']).toBe(isNew ? 'false' : undefined)
  expect(api['request-timeout']).toBe(isNew ? undefined : '300s')
  expect(argsOf(profile, 'kube-controller-manager-arg')).toMatchObject({
    'terminated-pod-gc-threshold': threshold,
  })
  const kubelet = argsOf(profile, 'kubelet-arg')
  expect(kubelet['tls-cipher-suites']?.split(',')).toHaveLength(6)
  expect(kubelet['make-iptables-util-chains']).toBe(Number(version.split('.')[1]) <= 24 ? 'true' : undefined)
})

test('agents get what is for every node, and no file of the API server', () => {
  const profile = hardened('v1.33.1+k3s1')
  const config = configOf(profile, 'oven-1')
  expect(config).toMatchObject({ 'protect-kernel-defaults': true })
  expect(config).not.toHaveProperty('kube-apiserver-arg')
  expect(config).not.toHaveProperty('secrets-encryption')
  expect([...filesOf(profile, 'oven-1').keys()]).toEqual(['/etc/sysctl.d/90-kubelet.conf'])
  expect(expectedHardening(profile.cluster.hardening, 'agent')?.paths).toEqual([])
})

test("the user's own flags are joined with those of the hardening, and count", () => {
  const profile = hardened('v1.33.1+k3s1', {
    config: {
      'kube-apiserver-arg': ['enable-admission-plugins=PodNodeSelector', 'audit-log-maxage=90', 'v=2'],
    },
    agentConfig: { 'kubelet-arg': 'pod-max-pids=1024' },
  })
  const names = (configOf(profile, 'bakery-1')['kube-apiserver-arg'] as string[]).map(argName)
  expect(new Set(names).size).toBe(names.length)
  expect(argsOf(profile, 'kube-apiserver-arg')).toMatchObject({
    'enable-admission-plugins': 'NodeRestriction,EventRateLimit,PodNodeSelector',
    'audit-log-maxage': '90',
    v: '2',
  })
  expect(argsOf(profile, 'kubelet-arg', 'oven-1')).toMatchObject({ 'pod-max-pids': '1024' })
})

test.each([
  ['v1.24.17+k3s1', 'v1beta1'],
  ['v1.33.1+k3s1', 'v1'],
])('admission plugins of %s', (version, api) => {
  const profile = hardened(version, {
    podSecurity: { enforce: 'baseline', exemptNamespaces: ['storage', 'kube-system', 'edge', 'edge'] },
  })
  const admission = parse(filesOf(profile, 'bakery-1').get(`${server}/psa.yaml`) ?? '') as {
    plugins: { name: string; configuration: Record<string, unknown> }[]
  }
  expect(admission.plugins.map(({ name }) => name)).toEqual(['PodSecurity', 'EventRateLimit'])
  expect(admission.plugins[0]?.configuration).toMatchObject({
    apiVersion: `pod-security.admission.config.k8s.io/${api}`,
    defaults: { enforce: 'baseline', audit: 'restricted', warn: 'restricted' },
    exemptions: { namespaces: ['kube-system', 'edge', 'storage'] },
  })
  expect(namesOf(profile, 'PodSecurityPolicy')).toEqual([])
})

test('before 1.23 policies do it, and exempt namespaces are bound to the open one', () => {
  const profile = hardened('v1.21.14+k3s1', { podSecurity: { exemptNamespaces: ['storage'] } })
  const admission = parse(filesOf(profile, 'bakery-1').get(`${server}/psa.yaml`) ?? '') as {
    plugins: { name: string }[]
  }
  expect(admission.plugins.map(({ name }) => name)).toEqual(['EventRateLimit'])
  const policies = namesOf(profile, 'PodSecurityPolicy')
  expect(policies).toEqual(['restricted-psp', 'system-unrestricted-psp', 'svclb-psp'])
  expect(namesOf(profile, 'ClusterRole')).toEqual(policies.map((name) => `psp:${name}`))
  expect(manifestsOf(profile, 'appliance-hardening-exempt')).toMatchObject([
    { kind: 'RoleBinding', metadata: { namespace: 'storage' } },
  ])
})

test('network policies and accounts of every namespace; allowances only for what is deployed', () => {
  const all = hardened('v1.33.1+k3s1')
  expect(namesOf(all, 'NetworkPolicy')).toEqual([
    ...Array(4).fill('intra-namespace'),
    'default-network-dns-policy',
    'allow-all-metrics-server',
    'allow-all-svclb-ingress',
    'allow-all-traefik-ingress',
  ])
  expect(namesOf(all, 'ServiceAccount')).toEqual(Array(4).fill('default'))
  const few = hardened('v1.33.1+k3s1', { disable: ['traefik', 'servicelb', 'metrics-server'] })
  expect(namesOf(few, 'NetworkPolicy').slice(4)).toEqual(['default-network-dns-policy'])
})

test('each object of a manifest once', () => {
  for (const version of ['v1.21.14+k3s1', 'v1.33.1+k3s1']) {
    const keys = manifestsOf(hardened(version)).map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`,
    )
    expect(new Set(keys).size).toBe(keys.length)
  }
})

test('the base has the kernel parameters from the start, and the seed says the same', () => {
  const read = (text: string): Record<string, string> =>
    Object.fromEntries(
      text
        .split('\n')
        .filter((line) => /^[a-z]/.test(line))
        .map((line) => line.split(' = ') as [string, string]),
    )
  const base = new URL('../../../templates/node/usr/lib/sysctl.d/90-appliance.conf', import.meta.url)
  const seed = filesOf(hardened('v1.33.1+k3s1'), 'oven-1').get('/etc/sysctl.d/90-kubelet.conf') ?? ''
  expect(read(readFileSync(base, 'utf8'))).toMatchObject(read(seed))
  expect(Object.keys(read(seed))).toHaveLength(6)
})
