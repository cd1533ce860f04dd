import { broadcomDeviceTrees } from '../../recipes/testing.ts'
import type { LockedKernel } from '../../resolve/kernels/locked-kernel.ts'
import type { Lock } from '../../resolve/lock.ts'
import type { ProfileInputs } from '../../resolve/profile-inputs.ts'

const overlays = {
  folder: 'usr/lib/linux-image-6.12.1/overlays',
  maps: ['overlay_map.dtb'],
  byName: {
    'i2c-rtc': ['addr', 'ds3231'],
    'rpi-poe-plus': ['poe_fan_temp0'],
    'w1-gpio': ['gpiopin', 'pullup'],
  },
  parameters: Object.fromEntries(broadcomDeviceTrees.map((name) => [name, ['i2c_arm', 'spi']])),
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
            deviceTrees: broadcomDeviceTrees,
            overlays: given ? overlays : null,
          }
        : null,
    }
    kernels[architecture] = { ...kernels[architecture], [key]: kernel }
  }
  return kernels
}
