import { expect, test } from 'vitest'
import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { PayloadPlan } from './build-plan.ts'
import { expectedImages } from './expected-images.ts'
import { sampleNode, sampleProfile } from './testing.ts'

const digest = `sha256:${'ab'.repeat(32)}`
const pause = 'rancher/mirrored-pause:3.6'
const inputs = { amd64: { imageNames: [`docker.io/${pause}`] } } as unknown as ResolvedProfile['inputs']
const payload = {
  images: [
    { name: 'docker.io/example/oven:1.4', digest, index: null, sizeBytes: 5, from: 'file ./oven.tar' },
  ],
} as unknown as PayloadPlan

test.each([
  [{}, []],
  [{ 'system-default-registry': 'r.example.com:5000' }, ['r.example.com:5000']],
])('images on board by their names, with %j also by those of a registry', (config, registries) => {
  const plain = sampleProfile()
  const profile = { ...sampleProfile({ cluster: { ...plain.cluster, config } }), inputs }
  const found = expectedImages(profile, sampleNode(profile, 'oven-1'), payload)
  const own = found.filter(({ name }) => name.endsWith('/example/oven:1.4'))
  expect(own).toEqual(
    ['docker.io', ...registries].map((host) => ({ name: `${host}/example/oven:1.4`, digest })),
  )
  expect(found.filter((image) => image.digest === null)).toEqual(
    ['docker.io', ...registries].map((host) => ({ name: `${host}/${pause}`, digest: null })),
  )
})
