import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NodeHost } from '../../host/node-host.ts'
import { createNodeHost } from '../../host/node-host.ts'
import { readRecipes } from '../../recipes/read-recipes.ts'
import type { BaseRecipe } from '../../recipes/recipe.ts'
import { choosePackages } from './apt-packages.ts'
import { createAptRoot } from './apt-root.ts'
import { chooseKernel } from './kernels/lock-kernels.ts'
import { lockPackages } from './lock-packages.ts'

const images = fileURLToPath(new URL('../../../images', import.meta.url))

let host: NodeHost
let folder: string
let recipe: BaseRecipe

beforeEach(async () => {
  host = createNodeHost()
  folder = await host.files.makeTemporaryDirectory('apt-')
  const [recipes, faults] = await readRecipes(host.files, images)
  expect(faults).toEqual([])
  recipe = recipes?.bases['debian-13'] as BaseRecipe
})
afterEach(() => host.close())

test('packages of a foreign architecture are chosen with their dependencies, each with size and sha256', async () => {
  const apt = await createAptRoot(host, folder, recipe, 'arm64')
  const chosen = await choosePackages(apt, ['curl'], recipe.archives, { essential: true })
  if ('unknown' in chosen) throw new Error(`unknown: ${chosen.unknown}`)
  const names = chosen.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['base-files', 'curl', 'libc6', 'libcurl4t64']))
  expect(names, 'apt takes itself for essential').not.toContain('apt')
  expect(names).toEqual(names.toSorted())
  for (const pin of chosen) {
    expect(pin.sha256, pin.name).toMatch(/^[0-9a-f]{64}$/)
    expect(pin.architecture, pin.name).toMatch(/^(arm64|all)$/)
    expect(Object.keys(recipe.archives)).toContain(pin.archive)
  }

  expect(
    await choosePackages(apt, ['curl', 'no-such-package'], recipe.archives, { essential: false }),
  ).toEqual({
    unknown: ['no-such-package'],
  })
})

test('a newer kernel is chosen with what it must have, and nothing else from its suite', async () => {
  const apt = await createAptRoot(host, folder, recipe, 'arm64')
  const requested = ['dracut']
  const base = await choosePackages(apt, requested, recipe.archives, { essential: true })
  if ('unknown' in base) throw new Error(`unknown: ${base.unknown}`)
  const request = {
    architecture: 'arm64',
    key: 'backports-16k',
    source: 'backports',
    pages: '16k',
    forBoards: true,
  } as const
  const kernel = await chooseKernel(host, folder, recipe, request, { apt, requested, base })
  if ('unknown' in kernel) throw new Error(`unknown: ${kernel.unknown}`)
  expect(kernel.release).toMatch(/^\d+\.\d+\.\d+\+deb13-arm64-16k$/)
  expect(kernel.packages.map(({ name }) => name).filter((name) => !name.startsWith('linux-'))).toEqual([])
})

test('kernels are chosen beside firmware of radios, which is in a suite of its own', async () => {
  const kernel = { architecture: 'arm64', forBoards: true } as const
  const locked = await lockPackages(host, folder, {
    recipe,
    requested: { arm64: ['dracut', 'firmware-brcm80211'] },
    firmware: {},
    wireless: ['arm64'],
    kernels: [
      { ...kernel, key: 'stable-4k', source: 'stable', pages: '4k' },
      { ...kernel, key: 'backports-4k', source: 'backports', pages: '4k' },
    ],
    previous: null,
  })
  if ('unknown' in locked) throw new Error(`unknown: ${locked.unknown}`)
  expect(locked.packages.arm64?.map(({ name }) => name)).toContain('firmware-brcm80211')
  for (const { packages } of Object.values(locked.kernels.arm64 ?? {}))
    expect(packages.map(({ name }) => name)).not.toContain('firmware-brcm80211')
  expect(Object.keys(locked.kernels.arm64 ?? {})).toEqual(['stable-4k', 'backports-4k'])
})

test('an archive that the keyring does not vouch for is refused', async () => {
  const keyring = '/usr/share/keyrings/debian-archive-removed-keys.gpg'
  await expect(createAptRoot(host, folder, { ...recipe, keyring }, 'amd64')).rejects.toMatchObject({
    name: 'EnvironmentFault',
    message: expect.stringContaining(keyring),
    help: expect.stringContaining('debian-archive-keyring'),
  })
})
