import { expect, test } from 'vitest'
import { commandLineFiles, hasLargePagesOnPi5, startsOnPi } from './pi-boot.ts'

const files = ['bcm2711-rpi-4-b.dtb', 'cmdline.txt', 'config.txt', 'kernel8.img', 'kernel_2712.img']

test.each([
  ['Raspberry Pi OS as it comes', 'dtparam=audio=on\n[cm5]\ndtoverlay=dwc2\n[all]\n', files, true],
  ['the other kernel is named', 'arm_64bit=1\r\nkernel=kernel8.img\r\n', files, false],
  ['for the Raspberry Pi 5 alone', '[pi5]\nkernel=kernel8.img\n', files, false],
  ['for another model', '[pi4]\nkernel=kernel8.img\n[all]\n', files, true],
  ['the last name counts', 'kernel=kernel8.img\n[pi5]\nkernel=kernel_2712.img\n', files, true],
  ['what is commented out does not', '#kernel=kernel8.img\n', files, true],
  ['there is no such kernel', '', ['config.txt', 'kernel8.img'], false],
  ['Ubuntu names its own', '[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\n', ['config.txt', 'vmlinuz'], false],
  ['a screen is asked for as well', '[EDID=A-B]\n[pi5]\nkernel=kernel8.img\n', files, true],
  [
    'below a prefix',
    'os_prefix=6.12/\n',
    ['6.12/bcm2712-rpi-5-b.dtb', '6.12/kernel_2712.img', 'kernel8.img'],
    true,
  ],
  ['by an absolute name', 'kernel=/kernel_2712.img\n', files, true],
])('pages of 16 KiB: %s', (_, config, names, expected) => {
  expect(hasLargePagesOnPi5(names, config)).toBe(expected)
})

/** As Ubuntu 25.10 has it on its boot partition, and after `flash-kernel` has written a new kernel. */
const ubuntuConfig = `[all]
os_check=0
os_prefix=current/

[tryboot]
os_prefix=new/

[all]
kernel=vmlinuz
cmdline=cmdline.txt
initramfs initrd.img followkernel

[pi4]
max_framebuffers=2

[all]
`
const assets = (folder: string): readonly string[] =>
  ['bcm2711-rpi-4-b.dtb', 'cmdline.txt', 'initrd.img', 'vmlinuz'].map((name) => `${folder}/${name}`)
const ubuntu = ['autoboot.txt', 'config.txt', 'start4.elf', ...assets('current')]

test.each([
  ['what lies beside config.txt', '', files, ['cmdline.txt']],
  ['Ubuntu since 25.10', ubuntuConfig, ubuntu, ['current/cmdline.txt']],
  [
    'with a kernel that is still to be tried',
    ubuntuConfig,
    [...ubuntu, ...assets('new')],
    ['current/cmdline.txt', 'new/cmdline.txt'],
  ],
  // As an imager leaves it: nothing reads the second one.
  ['the prefix counts', ubuntuConfig, [...ubuntu, 'cmdline.txt'], ['current/cmdline.txt']],
  [
    'a prefix without a kernel is passed over',
    ubuntuConfig,
    [...files, 'vmlinuz', 'current/bcm2711-rpi-4-b.dtb', 'current/cmdline.txt'],
    ['cmdline.txt'],
  ],
  [
    'a prefix without a device tree is passed over',
    'os_prefix=a-\n',
    [...files, 'a-kernel8.img'],
    ['cmdline.txt'],
  ],
  [
    'a prefix may be part of a name',
    'os_prefix=a-\n',
    [...files, 'a-kernel8.img', 'a-bcm2711-rpi-4-b.dtb', 'a-cmdline.txt'],
    ['a-cmdline.txt'],
  ],
  [
    'an absolute name goes around the prefix',
    `${ubuntuConfig}cmdline=/cmdline.txt\n`,
    [...ubuntu, 'cmdline.txt'],
    ['cmdline.txt'],
  ],
  [
    'each model has its own',
    'cmdline=a.txt\n[pi4]\ncmdline=b.txt\n[cm4]\ncmdline=c.txt\n[none]\ncmdline=d.txt\n[all]\n',
    [...files, 'a.txt', 'b.txt', 'c.txt', 'd.txt'],
    ['a.txt', 'b.txt', 'c.txt'],
  ],
  [
    'names on a FAT have no case',
    'CMDLINE=Cmdline.TXT\n',
    ['BCM2711-RPI-4-B.DTB', 'CMDLINE.txt', 'config.txt'],
    ['CMDLINE.txt'],
  ],
])('the command line: %s', (_, config, names, expected) => {
  expect(commandLineFiles(names, config)).toEqual(expected)
})

test.each([
  ['device trees beside config.txt', '', files, true],
  ['those below the prefix', ubuntuConfig, ubuntu, true],
  ['those of another folder', '', ubuntu, false],
  ['none', ubuntuConfig, ubuntu.filter((file) => !file.endsWith('.dtb')), false],
])('a Raspberry Pi starts by device trees: %s', (_, config, names, expected) => {
  expect(startsOnPi(names, config)).toBe(expected)
})
