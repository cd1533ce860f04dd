import { expect, test } from 'vitest'
import type { LockedBaseImage } from '../../resolve/base-image/locked-base-image.ts'
import { sampleBaseImage, sampleFlatcarImage, samplePiImage } from '../../resolve/base-image/testing.ts'
import { sampleNode, sampleProfile } from '../testing.ts'
import { planBaseImageProvisioning } from './base-image-provisioning.ts'

/** What the front end writes for the software of a base: paths and texts. */
const settingsOn = (image: LockedBaseImage, ntp: readonly string[] = []) => {
  const sample = sampleProfile()
  const profile = { ...sample, base: { ...sample.base, image }, site: { ...sample.site, ntp } }
  const { files } = planBaseImageProvisioning(profile, sampleNode(profile, 'oven-1'), image, [])
  return new Map(files.map(({ path, text }) => [path, text]))
}
const manager = '/etc/NetworkManager/conf.d/90-appliance.conf'

test('NetworkManager leaves the interfaces of pods alone, where it is what the base has, with and without a radio', () => {
  expect([...settingsOn(samplePiImage).keys()]).toEqual([manager])
  expect([...settingsOn({ ...sampleBaseImage, networkManager: true }).keys()]).toEqual([manager])
  expect([...settingsOn({ ...sampleBaseImage, radio: 'networkd' }).keys()]).toEqual([])
  // A lock of before it was written down.
  const { networkManager: _, ...older } = samplePiImage
  expect([...settingsOn(older).keys()]).toEqual([manager])
})

test('chrony asks the time servers of the site and no others, by the settings that the base has', () => {
  const chrony = '/etc/chrony/chrony.conf'
  expect(settingsOn({ ...sampleBaseImage, chrony })).toEqual(new Map())
  expect(settingsOn(sampleBaseImage, ['192.168.10.1'])).toEqual(new Map())
  const text = settingsOn({ ...sampleBaseImage, chrony }, ['192.168.10.1', 'time.example.com']).get(chrony)
  expect(text).toMatch(/^server 192\.168\.10\.1 iburst\nserver time\.example\.com iburst\n/)
  expect(text).not.toMatch(/^(?:pool|sourcedir|confdir|include) /m)
  expect(settingsOn(sampleFlatcarImage, ['192.168.10.1'])).toEqual(new Map())
})
