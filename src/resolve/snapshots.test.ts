import { expect, test } from 'vitest'
import { resolveSnapshots } from './snapshots.ts'

const pinOf = (name: string) => ({ name, sha256: 'a'.repeat(64), sizeBytes: 1 })
const resolved = (snapshots: NonNullable<Parameters<typeof resolveSnapshots>[0]>['snapshots']) =>
  resolveSnapshots({ kind: 'etcd', ...(snapshots === undefined ? {} : { snapshots }) }, pinOf)

test('what the profile leaves out stays the default of k3s', () => {
  expect(resolved(undefined)).toEqual({ config: {}, s3Ca: null })
  expect(resolved({ enabled: true })).toEqual({ config: {}, s3Ca: null })
})

test('none', () => {
  expect(resolved({ enabled: false }).config).toEqual({ 'etcd-disable-snapshots': true })
})

test('every part becomes its key, secrets stay references, and the CA is a file', () => {
  const { config, s3Ca } = resolved({
    schedule: '@daily',
    retention: 12,
    compress: true,
    dir: '/var/lib/snapshots',
    s3: {
      endpoint: 'backup.example.com:9000',
      bucket: 'bakery',
      region: 'eu',
      folder: 'f',
      ca: './ca.crt',
      insecure: false,
      accessKey: { env: 'ACCESS' },
      secretKey: { file: './secret' },
      retention: 30,
    },
  })
  const at = 'cluster.k3s.datastore.snapshots.s3'
  expect(config).toEqual({
    'etcd-snapshot-schedule-cron': '@daily',
    'etcd-snapshot-retention': 12,
    'etcd-snapshot-compress': true,
    'etcd-snapshot-dir': '/var/lib/snapshots',
    'etcd-s3': true,
    'etcd-s3-endpoint': 'backup.example.com:9000',
    'etcd-s3-bucket': 'bakery',
    'etcd-s3-region': 'eu',
    'etcd-s3-folder': 'f',
    'etcd-s3-insecure': false,
    'etcd-s3-access-key': { secret: { at: `${at}.accessKey`, source: { env: 'ACCESS' } } },
    'etcd-s3-secret-key': { secret: { at: `${at}.secretKey`, source: { file: './secret' } } },
    'etcd-s3-retention': 30,
  })
  expect(s3Ca?.name).toBe('./ca.crt')
})
