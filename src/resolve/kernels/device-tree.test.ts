import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviceTreeParameters } from './device-tree.ts'
import { deviceTreeOf } from './testing.ts'

test('parameters are the names below __overrides__, and of no other node', () => {
  const overlay = deviceTreeOf({
    'fragment@0': ['target'],
    __overrides__: ['gpiopin', 'phandle', 'pullup'],
    __symbols__: ['w1'],
  })
  expect(deviceTreeParameters(overlay)).toEqual(['gpiopin', 'pullup'])
  expect(deviceTreeParameters(deviceTreeOf({ chosen: ['bootargs'] }))).toEqual([])
})

test('a tree of any names is read back', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,11}$/)
  const names = fc.uniqueArray(name, { maxLength: 8 })
  fc.assert(
    fc.property(names, names, (parameters, others) => {
      const tree = deviceTreeOf({ soc: others, __overrides__: parameters })
      expect(deviceTreeParameters(tree)).toEqual(parameters.filter((each) => each !== 'phandle'))
    }),
  )
})

test('whatever is no whole device tree is a RangeError', () => {
  const whole = deviceTreeOf({ __overrides__: ['gpiopin'] })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
      // The last bytes are strings: without them a name has no end.
      expect(() => deviceTreeParameters(whole.slice(0, length))).toThrow(RangeError)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, hasMagic) => {
      const input = hasMagic ? Uint8Array.from([0xd0, 0x0d, 0xfe, 0xed, ...bytes]) : bytes
      try {
        deviceTreeParameters(input)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
  )
})
