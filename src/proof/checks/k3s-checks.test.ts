import { expect, test } from 'vitest'
import { sampleBoot, sampleNode } from '../testing/sample.ts'
import { fullImageName, k3sChecks } from './k3s-checks.ts'

test.each([
  ['busybox', 'docker.io/library/busybox:latest'],
  ['rancher/pause:3.1', 'docker.io/rancher/pause:3.1'],
  ['docker.io/rancher/pause:3.1', 'docker.io/rancher/pause:3.1'],
  ['registry:5000/a', 'registry:5000/a:latest'],
  ['localhost/a:1', 'localhost/a:1'],
  ['ghcr.io/a/b@sha256:00', 'ghcr.io/a/b@sha256:00'],
])('%s is %s', (name, full) => {
  expect(fullImageName(name)).toBe(full)
})

const planned = {
  ...sampleNode,
  k3sConfig: {
    'etcd-s3-secret-key': { secret: 'cluster.k3s.config.etcd-s3-secret-key' },
    'kubelet-arg': ['max-pods=60', { secret: 'cluster.k3s.config.kubelet-arg[1]' }],
  },
}

test.each([
  ['as planned', 'etcd-s3-secret-key: "hush-hush"\nkubelet-arg: [max-pods=60, also-hush]', true],
  ['empty', 'etcd-s3-secret-key: ""\nkubelet-arg: [max-pods=60, also-hush]', false],
  ['the plan instead of the secret', 'etcd-s3-secret-key: { secret: hush }\nkubelet-arg: []', false],
  ['another entry', 'etcd-s3-secret-key: "hush-hush"\nkubelet-arg: [max-pods=61, also-hush]', false],
])('a secret in config.yaml: %s', (_, config, passed) => {
  const boot = sampleBoot(1)
  const facts = new Map([...(boot.facts ?? []), ['k3s-config', config] as const])
  const outcome = k3sChecks['k3s-config']?.({ ...boot, facts } as typeof boot, planned)
  expect(outcome?.passed).toBe(passed)
  expect(JSON.stringify(outcome)).not.toContain('hush')
})
