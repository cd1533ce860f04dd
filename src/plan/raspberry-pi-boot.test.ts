import { readFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createTestHost } from '../host/testing.ts'
import type { ProfilePi } from '../profile/pi.ts'
import { readRecipes } from '../recipes/read-recipes.ts'
import type { RaspberryPiFirmware } from '../recipes/recipe.ts'
import { readTemplates } from '../render/read-templates.ts'
import { createRenderer } from '../render/renderer.ts'
import { resolvePi } from '../resolve/pi.ts'
import type { PackagePin } from '../resolve/pins.ts'
import { planBoot } from './boot-plan.ts'
import type { BootPlan } from './build-plan.ts'
import { configLines, kernelPackage } from './raspberry-pi-boot.ts'

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

const packages = [pin('linux-base'), pin('linux-image-6.12.117+deb13-arm64'), pin('linux-image-arm64')]

const boardNames = ['rpi3', 'rpi4']

const plan = async (name: string, pi: ProfilePi = {}): Promise<BootPlan> => {
  const [recipes] = await readRecipes(createTestHost().files, `${root}/images`)
  const board = recipes?.boards[name]
  if (board === undefined) throw new Error(`no recipe ${name}`)
  const renderer = createRenderer(
    await readTemplates({ readText: async (path) => readFileSync(path, 'utf8') }, `${root}/templates`),
  )
  const firmware = [pin('raspi-firmware', 'all')]
  return planBoot(board, { id: 'base1', epoch: 0, packages }, { firmware, pi: resolvePi(pi) }, renderer)
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

test.each(boardNames)('%s: config.txt and cmdline.txt with settings', async (name) => {
  const boot = await plan(name, {
    uart: false,
    bluetooth: false,
    gpuMemory: 16,
    config: ['hdmi_force_hotplug=1'],
    cmdline: ['usbcore.autosuspend=-1'],
  })
  await expect(textOf(boot, 'config.txt')).toMatchFileSnapshot(`testdata/boot/${name}/settings-config.txt`)
  await expect(textOf(boot, 'a/cmdline.txt')).toMatchFileSnapshot(
    `testdata/boot/${name}/settings-cmdline.txt`,
  )
})

test.each(boardNames)(
  '%s: with 16 MiB of graphics memory the firmware has what it then reads',
  async (name) => {
    const before = firmwareOf(await plan(name, { gpuMemory: 32 }))
    const added = firmwareOf(await plan(name, { gpuMemory: 16 })).filter((each) => !before.includes(each))
    const four = name === 'rpi4' ? '4' : '_'
    expect(added).toEqual(four === '4' ? ['fixup4cd.dat', 'start4cd.elf'] : ['fixup_cd.dat', 'start_cd.elf'])
  },
)

test('a parameter stands behind its overlay, those of the board before all', () => {
  const firmware = { config: [], serial: { console: 'ttyS1', config: [] } }
  const lines = configLines(
    firmware as unknown as RaspberryPiFirmware,
    resolvePi({
      params: { i2c_arm: true, spi: 'off' },
      overlays: ['i2c-rtc', { name: 'w1-gpio', params: { gpiopin: 4, pullup: false } }],
      fan: { kind: 'poe-plus', temperatures: [50, 67.5] },
      config: ['hdmi_force_hotplug=1'],
    }),
  )
  expect(lines).toEqual([
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
 * have bootcode.bin on the card, the 4 has it in its EEPROM; each start file goes with the fixup file of its name.
 */
const stages: Readonly<Record<string, readonly string[]>> = {
  rpi3: ['bootcode.bin', 'fixup.dat', 'start.elf'],
  rpi4: ['fixup4.dat', 'start4.elf'],
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

test('a base without a kernel is our fault, and said', () => {
  expect(() => kernelPackage([pin('linux-image-arm64')])).toThrow('no kernel package')
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
