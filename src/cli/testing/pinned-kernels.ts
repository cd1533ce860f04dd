import { broadcomDeviceTrees } from '../../recipes/testing.ts'
import type { LockedKernel } from '../../resolve/kernels/locked-kernel.ts'
import type { Lock } from '../../resolve/lock.ts'
import type { ProfileInputs } from '../../resolve/profile-inputs.ts'

/** The vendor's kernel has device trees of all models, some by names of its own. */
const vendorsDeviceTrees = [
  ...broadcomDeviceTrees,
  'bcm2710-rpi-3-b-plus.dtb',
  'bcm2710-rpi-3-b.dtb',
  'bcm2710-rpi-cm3.dtb',
  'bcm2710-rpi-zero-2-w.dtb',
  'bcm2711-rpi-cm4.dtb',
  'bcm2712-rpi-500.dtb',
  'bcm2712-rpi-cm5-cm5io.dtb',
  'bcm2712-rpi-cm5l-cm5io.dtb',
]

const overlays = {
  folder: 'usr/lib/linux-image-6.12.1/overlays',
  maps: ['overlay_map.dtb'],
  byName: {
    'i2c-rtc': ['addr', 'ds3231'],
    'rpi-poe-plus': ['poe_fan_temp0'],
    'w1-gpio': ['gpiopin', 'pullup'],
  },
  parameters: Object.fromEntries(vendorsDeviceTrees.map((name) => [name, ['i2c_arm', 'spi']])),
}

/** A kernel of each kind that a profile asks for; the user's has a few overlays. */
export const pinnedKernels = (inputs: ProfileInputs): Lock['base']['kernels'] => {
  const kernels: Record<string, Record<string, LockedKernel>> = {}
  for (const { architecture, key, source, pages, forBoards } of inputs.kernels) {
    const name = `linux-image-6.12.1-${architecture}`
    const given = source === 'given'
    const kernel: LockedKernel = {
      source,
      pages,
      release: '6.12.1',
      time: 1_770_000_000,
      packages: (given ? inputs.givenPackages : [`./${name}.deb`]).map((path) => ({
        name,
        version: '1',
        architecture,
        filename: given ? encodeURIComponent(path.slice(path.lastIndexOf('/') + 1)) : `pool/${name}.deb`,
        archive: given ? 'profile' : 'debian',
        sha256: 'cd'.repeat(32),
        sizeBytes: 1000,
      })),
      board: forBoards
        ? {
            package: name,
            folder: 'usr/lib/linux-image-6.12.1/broadcom',
            deviceTrees: given ? vendorsDeviceTrees : broadcomDeviceTrees,
            overlays: given ? overlays : null,
          }
        : null,
    }
    kernels[architecture] = { ...kernels[architecture], [key]: kernel }
  }
  return kernels
}
