import { beforeAll, expect, test } from 'vitest'
import { pinnedLock } from '../../cli/testing/pinned-profile.ts'
import { lineColumnOf } from '../../diagnostics/source-file.ts'
import { createTestHost } from '../../host/testing.ts'
import { validateProfile } from '../../profile/validate.ts'
import type { Recipes } from '../../recipes/read-recipes.ts'
import { shippedRecipes } from '../../recipes/testing.ts'
import type { Lock } from '../lock.ts'
import { profileInputs } from '../profile-inputs.ts'
import { checkKernels } from './check-kernels.ts'

let recipes: Recipes
beforeAll(async () => {
  recipes = await shippedRecipes(createTestHost().files)
})

const profileOf = (kernel: string, nodes: string): string => `apiVersion: appliance/v1alpha1
cluster:
  name: lab
  k3s: { version: v1.33.1+k3s1 }
base: { kernel: ${kernel} }
nodes:
${nodes}
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
`

const vendors = '{ packages: [./linux-image.deb] }'

/** Code and `error line [marked text] message; help` of a profile against a lock of the kernels that it asks for. */
const faultsOf = (
  kernel: string,
  nodes: string,
  change: (kernels: Lock['base']['kernels']) => Lock['base']['kernels'] = (kernels) => kernels,
): readonly (readonly [string, string])[] => {
  const text = profileOf(kernel, nodes)
  const [checked, faults] = validateProfile({ path: 'lab.yaml', text }, recipes)
  const inputs = checked === undefined ? undefined : profileInputs(checked, recipes)
  if (checked === undefined || inputs === undefined) throw new Error(JSON.stringify(faults))
  const pinned = pinnedLock(inputs)
  const lock = { ...pinned, base: { ...pinned.base, kernels: change(pinned.base.kernels) } }
  return checkKernels(checked, recipes, lock).map(({ code, severity, message, help, range }) => {
    const line = range === undefined ? '' : lineColumnOf(range.file, range.start).line
    const marked = range === undefined ? '' : text.slice(range.start, range.end)
    return [code, `${severity} ${line} [${marked}] ${message}; ${help}`] as const
  })
}

test('what the kernel has is taken without a word', () => {
  const settings = 'pi: { overlays: [{ name: w1-gpio, params: { gpiopin: 4 } }], params: { spi: true } }'
  expect(
    faultsOf(vendors, `  - { name: lab-1, role: server, board: rpi4, pi: { model: 4 Model B } }`),
  ).toEqual([])
  expect(
    faultsOf(
      vendors,
      `  - { name: lab-1, role: server, board: rpi4, ${settings.replace('pi: {', 'pi: { model: 4 Model B,')} }`,
    ),
  ).toEqual([])
  expect(faultsOf('stable', '  - { name: lab-1, role: server, board: rpi3 }')).toEqual([])
})

test('L0062, L0061: models without a device tree, of a board and by name', () => {
  expect(faultsOf('backports', '  - { name: lab-1, role: server, board: rpi5 }')).toEqual([
    [
      'L0062',
      'warning 7 [rpi5] the kernel 6.12.1 has no device tree for: 500, Compute Module 5, Compute Module 5 Lite; a card for `rpi5` does not start there; say by `pi.model` which one it is for: 5 Model B, 5 Model B (D0)',
    ],
  ])
  // Of what the recipe says of a model, a package may still have less.
  const node = '  - { name: lab-1, role: server, board: rpi5, pi: { model: 5 Model B (D0) } }'
  const oldStepping = (kernels: Lock['base']['kernels']): Lock['base']['kernels'] => {
    const kernel = kernels.arm64?.['backports-4k']
    if (kernel?.board === undefined || kernel.board === null) throw new Error('no kernel')
    const board = { ...kernel.board, deviceTrees: ['bcm2712-rpi-5-b.dtb'] }
    return { arm64: { 'backports-4k': { ...kernel, board } } }
  }
  expect(faultsOf('backports', node, oldStepping)).toEqual([
    [
      'L0061',
      'error 7 [5 Model B (D0)] the kernel 6.12.1 has no device tree for the model `5 Model B (D0)`; it has one for: 5 Model B; or use another kernel: see `base.kernel`',
    ],
  ])
  expect(faultsOf('backports', node)).toEqual([])
})

test('L0061: a kernel without any device tree of the board', () => {
  const none = (kernels: Lock['base']['kernels']): Lock['base']['kernels'] => {
    const kernel = kernels.arm64?.['stable-4k']
    if (kernel?.board === undefined || kernel.board === null) throw new Error('no kernel')
    const board = { ...kernel.board, deviceTrees: ['bcm2711-rpi-4-b.dtb'] }
    return { arm64: { 'stable-4k': { ...kernel, board } } }
  }
  expect(faultsOf('stable', '  - { name: lab-1, role: server, board: rpi3 }', none)).toEqual([
    [
      'L0061',
      'error 7 [rpi3] the kernel 6.12.1 has no device tree for `rpi3`; use another kernel: see `base.kernel`',
    ],
  ])
})

test('L0063, L0064, L0065: overlays and parameters, with what was perhaps meant; what nodes inherit is told once', () => {
  const nodes = `  - { name: lab-1, role: server, board: rpi4 }
  - { name: lab-2, role: agent, board: rpi4 }
defaults:
  pi:
    model: 4 Model B
    overlays: [i2c-rct, { name: w1-gpio, params: { gpiopim: 4 } }]
    params: { i2c_amr: true }
    fan: { kind: gpio, pin: 14 }`
  expect(faultsOf(vendors, nodes)).toEqual([
    ['L0063', 'error 12 [i2c-rct] the kernel 6.12.1 has no overlay `i2c-rct`; did you mean `i2c-rtc`?'],
    ['L0064', 'error 12 [4] the overlay `w1-gpio` has no parameter `gpiopim`; did you mean `gpiopin`?'],
    [
      'L0063',
      'error 14 [{ kind: gpio, pin: 14 }] the kernel 6.12.1 has no overlay `gpio-fan`; known: i2c-rtc, rpi-poe-plus, w1-gpio',
    ],
    [
      'L0065',
      'error 13 [true] the device tree of `4 Model B` has no parameter `i2c_amr`; did you mean `i2c_arm`?',
    ],
  ])
})

test('L0065: a parameter of another model is none of this one', () => {
  const differing = (kernels: Lock['base']['kernels']): Lock['base']['kernels'] => {
    const kernel = kernels.arm64?.['given-4k']
    const { board } = kernel ?? {}
    if (kernel === undefined || board?.overlays === undefined || board.overlays === null)
      throw new Error('no overlays')
    const parameters = { 'bcm2711-rpi-4-b.dtb': ['spi'], 'bcm2711-rpi-400.dtb': ['spi', 'ant2'] }
    return {
      arm64: { 'given-4k': { ...kernel, board: { ...board, overlays: { ...board.overlays, parameters } } } },
    }
  }
  const nodeOf = (model: string): string =>
    `  - { name: lab-1, role: server, board: rpi4, pi: { model: ${model}, params: { ant2: true } } }`
  expect(faultsOf(vendors, nodeOf('"400"'), differing)).toEqual([])
  expect(
    faultsOf(vendors, nodeOf('4 Model B'), differing).map(([code, text]) => [code, text.slice(0, 66)]),
  ).toEqual([['L0065', 'error 7 [true] the device tree of `4 Model B` has no parameter `an']])
})

test('L0063: packages of a kernel that has no overlays', () => {
  const without = (kernels: Lock['base']['kernels']): Lock['base']['kernels'] => {
    const kernel = kernels.arm64?.['given-4k']
    if (kernel?.board === undefined || kernel.board === null) throw new Error('no kernel')
    return { arm64: { 'given-4k': { ...kernel, board: { ...kernel.board, overlays: null } } } }
  }
  const node = '  - { name: lab-1, role: server, board: rpi4, pi: { fan: { kind: poe-plus } } }'
  expect(faultsOf(vendors, node, without)).toEqual([
    [
      'L0063',
      "error 7 [{ kind: poe-plus }] the packages of the kernel 6.12.1 hold no overlays; give the packages of the vendor's kernel",
    ],
  ])
})

test('L0066: none of the given kernels has the page size', () => {
  const nodes = '  - { name: lab-1, role: server, board: rpi5, pi: { kernel: 16k } }'
  expect(faultsOf(vendors, nodes, () => ({ arm64: {} }))).toEqual([
    [
      'L0066',
      'error 7 [16k] none of the kernels under `base.kernel.packages` has pages of 16 KiB; add the package of one that has, or ask for another size by `pi.kernel`; then run `appliance lock` again',
    ],
  ])
})
