import { readFileSync } from 'node:fs'
import type { K3sFlagsFile, K3sKeysFile } from './k3s-schema.ts'
import type { K3sTables } from './k3s-tables.ts'
import { toK3sTables } from './k3s-tables.ts'
import type { BaseRecipe } from './recipe.ts'

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../images/k3s/${name}.json`, import.meta.url), 'utf8')) as T

/** The tables of this repository, for tests that read no recipes. */
export const sampleK3sTables: K3sTables = toK3sTables(read<K3sKeysFile>('keys'), read<K3sFlagsFile>('flags'))

/** A base of which nothing is read but its name. */
export const sampleBase: BaseRecipe = {
  name: 'debian-13',
  title: 'Debian 13',
  suites: [],
  firmwareSuites: [],
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
