import { expect, test } from 'vitest'
import { planK3sConfig } from '../plan/k3s-config.ts'
import { shownSecrets, yamlContent } from '../plan/secret-text.ts'
import { planSeed } from '../plan/seed-files.ts'
import { sampleNode, sampleProfile } from '../plan/testing.ts'
import { resolveConfig, resolveProxy } from './resolve-secrets.ts'

const section = ['cluster', 'k3s', 'config']
const at = 'cluster.k3s.config.etcd-s3-secret-key'

test('references and the literals that validation let pass become secrets of their place', () => {
  const literals = new Map([['cluster.k3s.config.datastore-endpoint', 'postgres://k3s:pw@db/k3s']])
  const config = {
    'etcd-s3-secret-key': { sops: './s.yaml', key: 's3.key' },
    'kubelet-arg': ['a=b', { env: 'ARG' }],
    'datastore-endpoint': 'postgres://k3s:pw@db/k3s',
    'flannel-backend': 'host-gw',
  }
  expect(resolveConfig(section, config, literals)).toEqual({
    'etcd-s3-secret-key': { secret: { at, source: { sops: './s.yaml', key: 's3.key' } } },
    'kubelet-arg': ['a=b', { secret: { at: 'cluster.k3s.config.kubelet-arg[1]', source: { env: 'ARG' } } }],
    'datastore-endpoint': {
      secret: { at: 'cluster.k3s.config.datastore-endpoint', source: { literal: true } },
    },
    'flannel-backend': 'host-gw',
  })
})

test('an address of a proxy is plain without a user, a secret with one', () => {
  expect(resolveProxy('http', undefined)).toBeNull()
  expect(resolveProxy('http', 'http://proxy:3128')).toBe('http://proxy:3128')
  expect(resolveProxy('https', { env: 'PROXY_URL' })).toEqual({
    at: 'site.proxy.https',
    source: { env: 'PROXY_URL' },
  })
  expect(resolveProxy('https', 'http://u:p@proxy:3128')).toEqual({
    at: 'site.proxy.https',
    source: { literal: true },
  })
})

test('the plan shows whose secret stands in a file, and only servers get a key of servers', () => {
  const sample = sampleProfile()
  const config = resolveConfig(section, { 'etcd-s3-secret-key': { env: 'S3_KEY' } }, new Map())
  const profile = sampleProfile({ cluster: { ...sample.cluster, config } })
  const server = sampleNode(profile, 'bakery-1')
  const shown = shownSecrets(planK3sConfig(profile, server))
  expect(shown['etcd-s3-secret-key']).toEqual({ secret: at })
  const kinds = [server, sampleNode(profile, 'oven-1')].map(
    (node) =>
      planSeed(profile, node).install.find(({ target }) => target.endsWith('k3s-config.yaml'))?.content.kind,
  )
  expect(kinds).toEqual(['composed', 'text'])
  expect(yamlContent(planK3sConfig(profile, server))).toMatchObject({
    kind: 'composed',
    parts: [
      expect.any(String),
      { secret: { at, source: { env: 'S3_KEY' } }, as: 'json' },
      expect.any(String),
    ],
  })
})
