import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { K3sFlagsFile, K3sKeysFile } from './k3s-schema.ts'
import type { K3sTables } from './k3s-tables.ts'
import { toK3sTables } from './k3s-tables.ts'
import type { Recipes } from './read-recipes.ts'
import { readRecipes } from './read-recipes.ts'
import type { BaseRecipe } from './recipe.ts'

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../images/k3s/${name}.json`, import.meta.url), 'utf8')) as T

/** The tables of this repository, for tests that read no recipes. */
export const sampleK3sTables: K3sTables = toK3sTables(read<K3sKeysFile>('keys'), read<K3sFlagsFile>('flags'))

/** Those of this repository. */
export const shippedRecipes = async (files: Parameters<typeof readRecipes>[0]): Promise<Recipes> => {
  const [recipes] = await readRecipes(files, fileURLToPath(new URL('../../images', import.meta.url)))
  if (recipes === undefined) throw new Error('no recipes')
  return recipes
}

/** A base of which nothing is read but its name. */
export const sampleBase: BaseRecipe = {
  name: 'debian-13',
  title: 'Debian 13',
  suites: [],
  firmwareSuites: [],
  frontEnds: {
    'cloud-init': { packages: ['cloud-init'], enableUnits: ['cloud-init-main.service'] },
    ignition: { packages: ['ignition'], enableUnits: [] },
  },
  wirelessPackages: [],
  kernels: {},
  kernelSuites: [],
  archives: {},
  keyring: '',
  packages: [],
  packagesByArchitecture: {},
  tools: [],
  enableUnits: [],
  maskUnits: [],
  initrdModules: [],
}

/** Of Raspberry Pis, as in Linux 6.12, arch/arm64/boot/dts/broadcom. */
export const broadcomDeviceTrees: readonly string[] = [
  'bcm2711-rpi-4-b.dtb',
  'bcm2711-rpi-400.dtb',
  'bcm2711-rpi-cm4-io.dtb',
  'bcm2712-d-rpi-5-b.dtb',
  'bcm2712-rpi-5-b.dtb',
  'bcm2837-rpi-3-a-plus.dtb',
  'bcm2837-rpi-3-b-plus.dtb',
  'bcm2837-rpi-3-b.dtb',
  'bcm2837-rpi-cm3-io3.dtb',
  'bcm2837-rpi-zero-2-w.dtb',
]
