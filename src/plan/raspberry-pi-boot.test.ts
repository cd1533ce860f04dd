import { readFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createTestHost } from '../host/testing.ts'
import type { ProfilePi } from '../profile/pi.ts'
import { readRecipes } from '../recipes/read-recipes.ts'
import type { FrontEnd } from '../recipes/recipe.ts'
import { broadcomDeviceTrees } from '../recipes/testing.ts'
import { readTemplates } from '../render/read-templates.ts'
import { createRenderer } from '../render/renderer.ts'
import type { LockedKernel } from '../resolve/kernels/locked-kernel.ts'
import { resolvePi } from '../resolve/pi.ts'
import type { PackagePin } from '../resolve/pins.ts'
import { planBoot } from './boot-plan.ts'
import type { BootPlan } from './build-plan.ts'
import { configLines } from './raspberry-pi-boot.ts'

const root = resolve(import.meta.dirname, '../..')

const pin = (name: string, architecture: PackagePin['architecture'] = 'arm64'): PackagePin => ({
  name,
  version: '6.12.117-1',
  architecture,
  filename: `pool/${name}.deb`,
  archive: 'debian',
  sha256: 'ab'.repeat(32),
  sizeBytes: 1,
})

const kernelName = 'linux-image-6.12.117+deb13-arm64'

/** Debian's, with device trees of all models of the 3, the 4 and the 5 B. */
const debian: LockedKernel = {
  source: 'stable',
  pages: '4k',
  release: '6.12.117+deb13-arm64',
  packages: [pin('linux-base'), pin(kernelName), pin('linux-image-arm64')],
  time: 0,
  board: {
    package: kernelName,
    folder: `usr/lib/${kernelName}/broadcom`,
    deviceTrees: broadcomDeviceTrees,
    overlays: null,
  },
}

/** The vendor's, with two overlays. */
const vendors: LockedKernel = {
  ...debian,
  source: 'given',
  release: '6.12.47+rpt-rpi-v8',
  board: {
    package: kernelName,
    folder: `usr/lib/${kernelName}/broadcom`,
    deviceTrees: [
      'bcm2710-rpi-3-b-plus.dtb',
      'bcm2710-rpi-3-b.dtb',
      'bcm2710-rpi-cm3.dtb',
      'bcm2710-rpi-zero-2-w.dtb',
      'bcm2711-rpi-4-b.dtb',
      'bcm2711-rpi-400.dtb',
      'bcm2711-rpi-cm4.dtb',
      'bcm2712-rpi-5-b.dtb',
      'bcm2712-rpi-500.dtb',
      'bcm2712-rpi-cm5-cm5io.dtb',
      'bcm2712-rpi-cm5l-cm5io.dtb',
    ],
    overlays: {
      folder: `usr/lib/${kernelName}/overlays`,
      maps: ['overlay_map.dtb'],
      byName: { 'i2c-rtc': ['ds3231'], 'w1-gpio': ['gpiopin', 'pullup'] },
      parameters: {},
    },
  },
}

const boardNames = ['rpi3', 'rpi4', 'rpi5']

const plan = async (
  name: string,
  pi: ProfilePi = {},
  kernel = debian,
  frontEnd: FrontEnd = 'cloud-init',
): Promise<BootPlan> => {
  const [recipes] = await readRecipes(createTestHost().files, `${root}/images`)
  const board = recipes?.boards[name]
  if (board === undefined) throw new Error(`no recipe ${name}`)
  const renderer = createRenderer(
    await readTemplates({ readText: async (path) => readFileSync(path, 'utf8') }, `${root}/templates`),
  )
  const firmware = [pin('raspi-firmware', 'all')]
  return planBoot(
    board,
    { id: 'base1', epoch: 0 },
    { firmware, pi: resolvePi(pi), kernel, frontEnd },
    renderer,
  )
}

/** What the board reads before there is a kernel, sorted. */
const firmwareOf = ({ files }: BootPlan): readonly string[] =>
  files
    .filter(({ path }) => /^(?:bootcode|start|fixup)/.test(path))
    .map(({ path }) => path)
    .sort()

const textOf = ({ files }: BootPlan, path: string): string => {
  const content = files.find((file) => file.path === path)?.content
  if (content?.kind !== 'text') throw new Error(`no text ${path}`)
  return content.text
}

test.each(boardNames)('%s: config.txt and cmdline.txt', async (name) => {
  const boot = await plan(name)
  await expect(textOf(boot, 'config.txt')).toMatchFileSnapshot(`testdata/boot/${name}/config.txt`)
  await expect(textOf(boot, 'a/cmdline.txt')).toMatchFileSnapshot(`testdata/boot/${name}/cmdline.txt`)
})

test.each(boardNames)(
  '%s: the command line is one line, without what the shared root does not need',
  async (name) => {
    const [line, ...rest] = textOf(await plan(name), 'a/cmdline.txt').split('\n')
    expect(rest).toEqual([''])
    expect(line).toMatch(/^root=PARTUUID=\S+ rootfstype=squashfs ro systemd\.gpt_auto=0 console=/)
    expect(line).not.toMatch(/cgroup_disable| {2}/)
  },
)

test.each(boardNames)('%s: whatever config.txt names is on the partition', async (name) => {
  const boot = await plan(name)
  const config = textOf(boot, 'config.txt')
  const value = (key: string): string => new RegExp(`^${key}[= ](\\S+)`, 'm').exec(config)?.[1] ?? ''
  const paths = boot.files.map(({ path }) => path)
  for (const key of ['kernel', 'initramfs']) expect(paths).toContain(`${value('os_prefix')}${value(key)}`)
  expect(paths).toContain(`${value('os_prefix')}cmdline.txt`)
  expect(config).not.toMatch(/^dtoverlay|^dtparam/m)
  // The firmware takes a prefix only where it finds a kernel and a device tree below it.
  expect(paths.some((path) => path.startsWith(value('os_prefix')) && path.endsWith('.dtb'))).toBe(true)
})

test('a Compute Module 3 has its console on the port of its serial pins, where the card is for it alone', async () => {
  const consoles = async (pi: ProfilePi, kernel = debian): Promise<readonly string[]> =>
    textOf(await plan('rpi3', pi, kernel), 'a/cmdline.txt').match(/console=\S+/g) ?? []
  expect(await consoles({ model: 'Compute Module 3' })).toEqual(['console=tty0', 'console=ttyAMA0,115200'])
  expect(await consoles({ model: '3 Model B' })).toEqual(['console=tty0', 'console=ttyS1,115200'])
  expect(await consoles({})).toEqual(['console=tty0', 'console=ttyS1,115200'])
  // The firmware knows the port.
  expect(await consoles({ model: 'Compute Module 3' }, vendors)).toContain('console=serial0,115200')
})

test('Ignition is told by the kernel command line that it may work', async () => {
  const words = async (frontEnd: FrontEnd): Promise<readonly string[]> =>
    textOf(await plan('rpi4', {}, debian, frontEnd), 'a/cmdline.txt')
      .trim()
      .split(' ')
  const usual = await words('cloud-init')
  expect((await words('ignition')).filter((word) => !usual.includes(word))).toEqual([
    'ignition.firstboot=1',
    'ignition.platform.id=metal',
  ])
})

test.each(boardNames)('%s: config.txt and cmdline.txt with settings', async (name) => {
  const boot = await plan(name, {
    uart: false,
    bluetooth: false,
    ...(name === 'rpi5' ? {} : { gpuMemory: 16 }),
    config: ['hdmi_force_hotplug=1'],
    cmdline: ['usbcore.autosuspend=-1'],
  })
  await expect(textOf(boot, 'config.txt')).toMatchFileSnapshot(`testdata/boot/${name}/settings-config.txt`)
  await expect(textOf(boot, 'a/cmdline.txt')).toMatchFileSnapshot(
    `testdata/boot/${name}/settings-cmdline.txt`,
  )
})

test.each(['rpi3', 'rpi4'])(
  '%s: with 16 MiB of graphics memory the firmware has what it then reads',
  async (name) => {
    const before = firmwareOf(await plan(name, { gpuMemory: 32 }))
    const added = firmwareOf(await plan(name, { gpuMemory: 16 })).filter((each) => !before.includes(each))
    const four = name === 'rpi4' ? '4' : '_'
    expect(added).toEqual(four === '4' ? ['fixup4cd.dat', 'start4cd.elf'] : ['fixup_cd.dat', 'start_cd.elf'])
  },
)

test('a parameter stands behind its overlay, those of the board before all', () => {
  const firmware = {
    config: ['arm_64bit=1'],
    upstreamConfig: ['upstream_kernel=1'],
    serial: { console: 'ttyS1', vendorConsole: 'serial0', config: ['enable_uart=1'] },
  }
  const lines = configLines(
    firmware,
    resolvePi({
      params: { i2c_arm: true, spi: 'off' },
      overlays: ['i2c-rtc', { name: 'w1-gpio', params: { gpiopin: 4, pullup: false } }],
      fan: { kind: 'poe-plus', temperatures: [50, 67.5] },
      config: ['hdmi_force_hotplug=1'],
    }),
    true,
  )
  expect(lines).toEqual([
    'arm_64bit=1',
    'enable_uart=1',
    'dtparam=i2c_arm=on',
    'dtparam=spi=off',
    'dtoverlay=i2c-rtc',
    'dtoverlay=w1-gpio',
    'dtparam=gpiopin=4',
    'dtparam=pullup=off',
    'dtoverlay=rpi-poe-plus',
    'dtparam=poe_fan_temp0=50000',
    'dtparam=poe_fan_temp1=67500',
    'dtoverlay=',
    'hdmi_force_hotplug=1',
  ])
})

test('fans: on the connector of a 5 and switched by a pin', () => {
  expect(resolvePi({ fan: { kind: 'pi5', temperatures: [55] } }).parameters).toEqual([
    ['cooling_fan', 'on'],
    ['fan_temp0', '55000'],
  ])
  expect(resolvePi({ fan: { kind: 'gpio', pin: 14, temperatures: [60] } }).overlays).toEqual([
    {
      name: 'gpio-fan',
      parameters: [
        ['gpiopin', '14'],
        ['temp', '60000'],
      ],
    },
  ])
})

/**
 * What each stage loads next (raspberrypi.com/documentation, "Boot flow" and "Boot folder contents"): boards up to the 3
 * have bootcode.bin on the card, the 4 has it in its EEPROM, the 5 has all there; each start file goes with the fixup file of its name.
 */
const stages: Readonly<Record<string, readonly string[]>> = {
  rpi3: ['bootcode.bin', 'fixup.dat', 'start.elf'],
  rpi4: ['fixup4.dat', 'start4.elf'],
  rpi5: [],
}

test.each(boardNames)('%s: the firmware is whole, and not that of another family', async (name) => {
  expect(firmwareOf(await plan(name))).toEqual(stages[name])
})

test('names on a FAT differ by more than their case', async () => {
  for (const name of boardNames) {
    const paths = (await plan(name)).files.map(({ path }) => path.toLowerCase())
    expect(new Set(paths).size).toBe(paths.length)
  }
})

test.each(boardNames)("%s: the vendor's kernel with its device trees and overlays", async (name) => {
  const boot = await plan(name, { overlays: ['i2c-rtc'], params: { i2c_arm: true } }, vendors)
  await expect(textOf(boot, 'config.txt')).toMatchFileSnapshot(`testdata/boot/${name}/vendor-config.txt`)
  await expect(textOf(boot, 'a/cmdline.txt')).toMatchFileSnapshot(`testdata/boot/${name}/vendor-cmdline.txt`)
  // k3s ends without it, and the vendor's device trees take it away.
  expect(textOf(boot, 'a/cmdline.txt')).toContain(' cgroup_enable=memory')
  const paths = boot.files.map(({ path }) => path)
  // The firmware takes overlays out of the slot's folder only where it finds this file.
  expect(paths).toContain('a/overlays/README')
  for (const overlay of ['i2c-rtc.dtbo', 'w1-gpio.dtbo', 'overlay_map.dtb'])
    expect(paths).toContain(`a/overlays/${overlay}`)
  expect(boot.models?.missing).toEqual([])
  expect(paths.filter((path) => path.endsWith('.dtb') && !path.includes('overlays')).length).toBeGreaterThan(
    0,
  )
})

test('a model without a device tree in the kernel is not said to start', async () => {
  expect((await plan('rpi5')).models).toEqual({
    served: ['5 Model B', '5 Model B (D0)'],
    missing: ['500', 'Compute Module 5', 'Compute Module 5 Lite'],
  })
})

test('every template of the boot partition is listed', async () => {
  const names = (await readdir(`${root}/templates/boot`)).map((name) => `boot/${name}`)
  const { bootTemplates } = await import('./raspberry-pi-boot.ts')
  expect(names.sort()).toEqual([...bootTemplates].sort())
  for (const name of names) {
    expect((await stat(`${root}/templates/${name}`)).isFile()).toBe(true)
    expect(await readFile(`${root}/templates/${name}`, 'utf8')).not.toContain('\r')
  }
})
