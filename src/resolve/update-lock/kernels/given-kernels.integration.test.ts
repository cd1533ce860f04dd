import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNodeHost } from '../../../host/node-host.ts'
import { createArtifactStore } from '../../../materialise/artifact-store.ts'
import { kernelHeader } from '../../kernels/testing.ts'
import type { GivenKernels } from './given-kernels.ts'
import { readGivenKernels } from './given-kernels.ts'

const host = createNodeHost({ offline: true })
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appliance-kernels-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** What dtc makes of a source, with `__overrides__` as the vendor's trees have them. */
const compiled = async (source: string): Promise<Uint8Array> => {
  const [dts, dtb] = [join(folder, 'tree.dts'), join(folder, 'tree.dtb')]
  await writeFile(dts, source)
  await host.exec(['dtc', '-@', '-q', '-I', 'dts', '-O', 'dtb', '-o', dtb, dts])
  return (await host.files.readBytes(dtb)) ?? new Uint8Array()
}

const board = `/dts-v1/;
/ { compatible = "raspberrypi,4-model-b"; i2c1: i2c { status = "disabled"; };
  __overrides__ { i2c_arm = <&i2c1>, "status"; spi = <&i2c1>, "status"; }; };`

const overlay = `/dts-v1/;
/plugin/;
/ { compatible = "brcm,bcm2835";
  fragment@0 { target-path = "/"; __overlay__ { w1: onewire@0 { gpios = <0 4 0>; }; }; };
  __overrides__ { gpiopin = <&w1>, "gpios:4"; pullup = <&w1>, "rpi,parasitic-power:0"; }; };`

const debianPackage = async (
  name: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  architecture = 'arm64',
): Promise<{ name: string; path: string }> => {
  const tree = join(folder, name)
  const control = `Package: ${name}\nVersion: 1:6.12.47-1+rpt1\nArchitecture: ${architecture}\nMaintainer: x <x@example.com>\nDescription: x\n`
  for (const [path, content] of Object.entries({ ...files, 'DEBIAN/control': control })) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), content)
  }
  const path = join(folder, `${name}.deb`)
  await host.exec(['dpkg-deb', '--build', '--root-owner-group', tree, path])
  return { name: `./vendor/${name}.deb`, path }
}

/** Packages as the vendor makes them: all of a kernel in one. */
const vendorKernel = async (release: string, flags: number) =>
  debianPackage(`linux-image-${release}`, {
    [`boot/vmlinuz-${release}`]: gzipSync(kernelHeader(flags)),
    [`lib/modules/${release}/kernel/fs/overlayfs/overlay.ko`]: 'module',
    [`usr/lib/linux-image-${release}/broadcom/bcm2711-rpi-4-b.dtb`]: await compiled(board),
    [`usr/lib/linux-image-${release}/overlays/w1-gpio.dtbo`]: await compiled(overlay),
    [`usr/lib/linux-image-${release}/overlays/overlay_map.dtb`]: await compiled('/dts-v1/; / { };'),
    [`usr/lib/linux-image-${release}/overlays/README`]: 'x',
  })

const read = (packages: readonly { name: string; path: string }[]) =>
  readGivenKernels(host, createArtifactStore(host, join(folder, 'cache')), join(folder, 'work'), packages, [
    'raspi-firmware',
  ])

const kernelsOf = (found: Awaited<ReturnType<typeof read>>): GivenKernels => {
  if ('problems' in found) throw new Error(JSON.stringify(found.problems))
  return found
}

test("the vendor's packages: two kernels by their page size, overlays with their parameters, firmware", async () => {
  const { kernels, firmware } = kernelsOf(
    await read([
      await vendorKernel('6.12.47+rpt-rpi-v8', 0b1010),
      await vendorKernel('6.12.47+rpt-rpi-2712', 0b1100),
      await debianPackage('raspi-firmware', { 'usr/lib/raspi-firmware/start4.elf': 'x' }, 'all'),
    ]),
  )
  expect(kernels.map(({ release, pages, packages }) => [release, pages, packages.length])).toEqual([
    ['6.12.47+rpt-rpi-2712', '16k', 1],
    ['6.12.47+rpt-rpi-v8', '4k', 1],
  ])
  expect(kernels[1]?.board).toEqual({
    package: 'linux-image-6.12.47+rpt-rpi-v8',
    folder: 'usr/lib/linux-image-6.12.47+rpt-rpi-v8/broadcom',
    deviceTrees: ['bcm2711-rpi-4-b.dtb'],
    overlays: {
      folder: 'usr/lib/linux-image-6.12.47+rpt-rpi-v8/overlays',
      maps: ['overlay_map.dtb'],
      byName: { 'w1-gpio': ['gpiopin', 'pullup'] },
      parameters: { 'bcm2711-rpi-4-b.dtb': ['i2c_arm', 'spi'] },
    },
  })
  expect(kernels[1]?.packages).toMatchObject([
    { version: '1:6.12.47-1+rpt1', archive: 'profile', filename: 'linux-image-6.12.47%2Brpt-rpi-v8.deb' },
  ])
  expect(firmware.map(({ name }) => name)).toEqual(['raspi-firmware'])
})

test('a kernel in several packages, as Debian makes them, has its image beside the modules', async () => {
  const release = '7.3.4+deb13-arm64'
  const { kernels } = kernelsOf(
    await read([
      await debianPackage(`linux-binary-${release}`, {
        [`usr/lib/modules/${release}/vmlinuz`]: kernelHeader(0b1010),
      }),
      await debianPackage(`linux-modules-${release}`, {
        [`usr/lib/modules/${release}/kernel/fs/overlayfs/overlay.ko`]: 'module',
      }),
      await debianPackage(`linux-base-${release}`, {
        [`usr/lib/modules/${release}/dtb/broadcom/bcm2712-rpi-5-b.dtb`]: await compiled('/dts-v1/; / { };'),
      }),
    ]),
  )
  expect(kernels).toMatchObject([{ release, pages: '4k', board: { overlays: null } }])
  expect(kernels[0]?.packages).toHaveLength(3)
})

test('L0060: what is no usable kernel, each at its place in the profile', async () => {
  await writeFile(join(folder, 'text.deb'), 'no package')
  const release = '6.12.47+rpt-rpi-v8'
  const found = await read([
    { name: './vendor/missing.deb', path: join(folder, 'missing.deb') },
    { name: './vendor/text.deb', path: join(folder, 'text.deb') },
    await debianPackage('linux-image-i386', { 'boot/vmlinuz-1': 'x' }, 'i386'),
    await debianPackage('hello', { 'usr/bin/hello': 'x' }),
    await debianPackage('linux-image-half', { [`boot/vmlinuz-${release}`]: kernelHeader(0b1010) }),
    await vendorKernel('6.12.40-a', 0b1100),
    await vendorKernel('6.12.41-b', 0b1100),
    await vendorKernel('6.12.42-c', 0b1110),
  ])
  if (!('problems' in found)) throw new Error('no problem')
  expect(found.problems.map(({ code, at, message }) => [code, at.at(-1), message])).toEqual([
    ['L0060', 0, expect.stringMatching(/^there is no file /)],
    ['L0060', 1, './vendor/text.deb is no Debian package'],
    ['L0060', 2, './vendor/linux-image-i386.deb is for i386'],
    ['L0060', 3, 'hello holds neither a kernel nor firmware that a card of these boards has'],
    ['L0060', 6, '6.12.40-a and 6.12.41-b both have pages of 16 KiB'],
    ['L0060', 7, 'the kernel 6.12.42-c has pages of 64 KiB'],
    ['L0060', 4, `no package holds modules of the kernel ${release}`],
  ])
})
