import { expect, test } from 'vitest'
import { hasLargePagesOnPi5 } from './pi-kernel.ts'

const files = ['config.txt', 'kernel8.img', 'kernel_2712.img']

test.each([
  ['Raspberry Pi OS as it comes', 'dtparam=audio=on\n[cm5]\ndtoverlay=dwc2\n[all]\n', files, true],
  ['the other kernel is named', 'arm_64bit=1\r\nkernel=kernel8.img\r\n', files, false],
  ['for the Raspberry Pi 5 alone', '[pi5]\nkernel=kernel8.img\n', files, false],
  ['for another model', '[pi4]\nkernel=kernel8.img\n[all]\n', files, true],
  ['the last name counts', 'kernel=kernel8.img\n[pi5]\nkernel=kernel_2712.img\n', files, true],
  ['what is commented out does not', '#kernel=kernel8.img\n', files, true],
  ['there is no such kernel', '', ['config.txt', 'kernel8.img'], false],
  ['Ubuntu names its own', '[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\n', ['config.txt', 'vmlinuz'], false],
])('%s', (_, config, names, expected) => {
  expect(hasLargePagesOnPi5(names, config)).toBe(expected)
})
