import fc from 'fast-check'

const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })

/** `nodes[].pi` as far as it is wished for; what the board or its kernel does not take is left out by `piFor`. */
export const randomPi = fc.record({
  bluetooth: sometimes(fc.boolean()),
  uart: sometimes(fc.boolean()),
  gpuMemory: sometimes(fc.constantFrom(16, 64, 76)),
  usbBoot: sometimes(fc.boolean()),
  kernel: sometimes(fc.constantFrom('4k', '16k')),
  config: sometimes(fc.subarray(['hdmi_force_hotplug=1', 'disable_splash=1', '[all]'])),
  cmdline: sometimes(fc.subarray(['usbcore.autosuspend=-1', 'console=tty1', 'quiet', 'foo="a b"'])),
  overlays: sometimes(fc.subarray(['i2c-rtc', { name: 'w1-gpio', params: { gpiopin: 4, pullup: true } }])),
  params: sometimes(fc.subarray(['i2c_arm', 'spi'])),
  fan: sometimes(
    fc.record({
      kind: fc.constant('poe-plus'),
      temperatures: sometimes(fc.constant([50])),
    }),
  ),
})

export type RandomPi = typeof randomPi extends fc.Arbitrary<infer Pi> ? Pi : never

/** What the board takes, with the vendor's kernel or one of Debian's; undefined: it is no Raspberry Pi. */
export const piFor = (
  board: string | undefined,
  isVendors: boolean,
  asked: RandomPi | undefined,
): Readonly<Record<string, unknown>> | undefined => {
  if (asked === undefined || board?.startsWith('rpi') !== true) return undefined
  return {
    bluetooth: asked.bluetooth,
    uart: asked.uart,
    config: asked.config,
    cmdline: asked.cmdline,
    gpuMemory: board === 'rpi5' ? undefined : asked.gpuMemory,
    usbBoot: board === 'rpi3' ? asked.usbBoot : undefined,
    kernel: board === 'rpi5' ? asked.kernel : undefined,
    overlays: isVendors ? asked.overlays : undefined,
    params:
      isVendors && asked.params !== undefined
        ? Object.fromEntries(asked.params.map((name) => [name, true]))
        : undefined,
    fan: isVendors ? asked.fan : undefined,
  }
}
