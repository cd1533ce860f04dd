import { expect, test } from 'vitest'
import type { InstallEntry, PayloadPlan } from './build-plan.ts'
import { manifestsFolder } from './build-plan.ts'
import { expectedAddOns } from './expected-add-ons.ts'
import { sha256Hex } from './hash.ts'

const pin = { name: './oven.yaml', sha256: 'a'.repeat(64), sizeBytes: 12 }
const payload: PayloadPlan = {
  id: 'payload',
  architecture: 'arm64',
  files: [
    { path: 'images.txt', mode: 0o644, content: { kind: 'text', text: '' } },
    { path: 'manifests/oven.v2.yaml', mode: 0o644, content: { kind: 'artifact', artifact: pin } },
  ],
  links: [],
  epoch: 0,
  images: [],
  onData: { lower: 0, upper: 0 },
}
const install: readonly InstallEntry[] = [
  { target: '/etc/hostname', mode: 0o644, content: { kind: 'text', text: 'oven-1\n' } },
  { target: `${manifestsFolder}/plain.yaml`, mode: 0o600, content: { kind: 'text', text: 'a: 1\n' } },
  {
    target: `${manifestsFolder}/secret.json`,
    mode: 0o600,
    content: { kind: 'composed', parts: [{ secret: { at: 'x', source: { env: 'X' } }, as: 'text' }] },
  },
]

test('manifests of the payload on the first server, those of its own seed on every node', () => {
  const own = [
    { name: 'plain', file: `${manifestsFolder}/plain.yaml`, sha256: sha256Hex('a: 1\n') },
    { name: 'secret', file: `${manifestsFolder}/secret.json`, sha256: null },
  ]
  expect(expectedAddOns(true, payload, install)).toEqual([
    { name: 'oven', file: `${manifestsFolder}/oven.v2.yaml`, sha256: pin.sha256 },
    ...own,
  ])
  expect(expectedAddOns(false, payload, install)).toEqual(own)
})
