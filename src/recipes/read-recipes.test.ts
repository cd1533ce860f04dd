import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestHost } from '../host/testing.ts'
import { readRecipes } from './read-recipes.ts'

const { files } = createTestHost()
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appliance-recipes-'))
  await cp(new URL('../../images', import.meta.url), folder, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

test('the recipes of this repository are read by name', async () => {
  const [recipes, faults] = await readRecipes(files, folder)
  expect(faults).toEqual([])
  expect(recipes?.boards['arm64-uefi']).toMatchObject({
    name: 'arm64-uefi',
    architecture: 'arm64',
    firmware: 'uefi',
  })
  expect(recipes?.boards['amd64-uefi']).toMatchObject({ architecture: 'amd64', qemu: { machine: 'q35' } })
  expect(recipes?.bases['debian-13']?.suites.map(({ suite }) => suite)).toContain('trixie-security')
})

test('a new board is a new file', async () => {
  await cp(join(folder, 'boards/arm64-uefi.yaml'), join(folder, 'boards/my-board.yaml'))
  const [recipes] = await readRecipes(files, folder)
  expect(recipes?.boards['my-board']).toMatchObject({ name: 'my-board', architecture: 'arm64' })
})

test('a fault of a recipe is shown where it is', async () => {
  const path = join(folder, 'boards/broken.yaml')
  await writeFile(
    path,
    'title: x\narchitecture: arm\nfirmware: uefi\nkernelArgs: []\nkernelArguments: []\nwirelessPackages: []\nqemu: { machine: virt, cpu: x }\n',
  )
  const [recipes, faults] = await readRecipes(files, folder)
  expect(recipes).toBeUndefined()
  expect(faults.map(({ code, range }) => [code, range?.file.path])).toEqual([
    ['P0107', path],
    ['P0104', path],
  ])
})
