import { expect, test } from 'vitest'
import type { Profile } from '../../profile/schema.ts'
import { componentImages } from './component-images.ts'
import { extraRegistries, nameIn } from './registry-names.ts'

const profileOf = (k3s: object, nodes: readonly object[] = []): Profile =>
  ({ cluster: { name: 'lab', k3s: { version: 'v1.33.1+k3s1', ...k3s } }, nodes }) as unknown as Profile

test.each([
  [{}, []],
  [{ registries: { systemDefault: 'r.example.com:5000' } }, ['r.example.com:5000']],
  [{ config: { 'system-default-registry': 'r.example.com/edge' } }, ['r.example.com/edge']],
  [
    {
      config: {
        'system-default-registry': 'r.example.com',
        'airgap-extra-registry': ['servers.example.com'],
      },
      agentConfig: { 'airgap-extra-registry': ['all.example.com', 'r.example.com'] },
    },
    ['r.example.com', 'all.example.com'],
  ],
  [{ config: { 'system-default-registry': { env: 'REGISTRY' } } }, []],
])('registries that every node names images by: %j', (k3s, expected) => {
  expect(extraRegistries(profileOf(k3s))).toEqual(expected)
})

test('the registry of a name is replaced, its path stays', () => {
  expect(nameIn('r.example.com:5000', 'docker.io/library/nginx:1.29')).toBe(
    'r.example.com:5000/library/nginx:1.29',
  )
})

test('an image that k3s is told to use is asked for, at its line', () => {
  const profile = profileOf({ config: { 'helm-job-image': 'rancher/klipper-helm:v0.9' } }, [
    {},
    { k3s: { 'pause-image': 'example.com/pause:4' } },
  ])
  expect(componentImages(profile)).toMatchObject([
    { image: 'docker.io/rancher/klipper-helm:v0.9', at: ['cluster', 'k3s', 'config', 'helm-job-image'] },
    { image: 'example.com/pause:4', at: ['nodes', 1, 'k3s', 'pause-image'], certainty: 'certain' },
  ])
})
