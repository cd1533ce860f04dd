import { expect, test } from 'vitest'
import type { ResolvedNode } from '../resolve/resolved-profile.ts'
import { mediumChoices, mediumConf } from './flash-wear.ts'
import { planSeed } from './seed-files.ts'
import { plainEtcd, sampleNode, sampleProfile } from './testing.ts'

const profile = sampleProfile()
const on = (medium: ResolvedNode['storage']['medium']): ResolvedNode => ({
  ...sampleNode(profile, 'bakery-1'),
  storage: { medium, sizeBytes: null },
})
const saving = '/etc/systemd/timesyncd.conf.d/20-medium.conf'
const targets = (node: ResolvedNode): readonly string[] =>
  planSeed(profile, node).install.map(({ target }) => target)

test.each(['sd', 'usb'] as const)('%s: journal in memory, a commit a minute, the clock seldom', (medium) => {
  expect(mediumConf(on(medium))).toEqual({ JOURNAL: 'memory', DATA_COMMIT: 60 })
  expect(targets(on(medium))).toContain(saving)
})

test('emmc: less often, and the journal stays on it', () => {
  expect(mediumConf(on('emmc'))).toEqual({ JOURNAL: 'disk', DATA_COMMIT: 30 })
  expect(targets(on('emmc'))).toContain(saving)
})

test.each(['ssd', 'nvme'] as const)('%s: as it comes', (medium) => {
  expect(mediumConf(on(medium))).toEqual({ JOURNAL: 'disk', DATA_COMMIT: 5 })
  expect(targets(on(medium))).not.toContain(saving)
})

test('every choice says what and why, and the datastore is told of servers alone', () => {
  const choices = mediumChoices(profile, on('sd'))
  expect(choices.every(({ chosen, why }) => chosen !== '' && why !== '')).toBe(true)
  expect(choices.map(({ setting }) => setting)).toEqual([
    ...[
      'journal',
      'commit',
      'access times',
      'temporary files',
      'swap',
      'periodic jobs',
      'clock',
      'datastore',
    ],
  ])
  expect(choices.at(-1)?.chosen).toContain('sqlite')
  const etcd = sampleProfile({ cluster: { ...profile.cluster, datastore: plainEtcd } })
  expect(mediumChoices(etcd, on('sd')).at(-1)?.chosen).toContain('etcd')
  expect(mediumChoices(profile, { ...on('sd'), role: 'agent' }).at(-1)?.setting).toBe('clock')
})
