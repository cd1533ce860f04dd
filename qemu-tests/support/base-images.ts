import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { $ } from 'zx'
import { sha256Hex } from '../../src/plan/hash.ts'

interface Recipe {
  readonly script: readonly [name: string, ...options: string[]]
  readonly sources?: readonly string[]
}

/** Disk images that were made without this program: the script of qemu-tests/base-images with its arguments, and what it sources. */
const recipes = {
  cloud: { script: ['make-base-images.sh'] },
  boards: { script: ['make-base-images.sh'] },
  coreos: { script: ['make-coreos-image.sh'], sources: ['ignition-base.sh'] },
  microos: { script: ['make-microos-image.sh'], sources: ['ignition-base.sh'] },
  'microos-2023': { script: ['make-microos-image.sh', '2023'], sources: ['ignition-base.sh'] },
} as const satisfies Record<string, Recipe>

export type BaseImageKind = keyof typeof recipes

const folder = resolve('out/base-images')
const scripts = 'qemu-tests/base-images'

/** Made once, and anew when the script or what it sources has changed. */
const makeBaseImages = async (kind: BaseImageKind): Promise<void> => {
  const recipe: Recipe = recipes[kind]
  const [script, ...options] = recipe.script
  const stamp = join(folder, `${recipe.script.join('-')}.sha256`)
  const names = [script, ...(recipe.sources ?? [])]
  const texts = await Promise.all(names.map((name) => readFile(join(scripts, name), 'utf8')))
  const wanted = sha256Hex(texts.join(''))
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return
  await $({ verbose: false })`bash ${join(scripts, script)} ${folder} ${options}`
  await writeFile(stamp, wanted)
}

/** Lays `base.img` beside a profile. */
export const layBaseImage =
  (kind: BaseImageKind) =>
  async (beside: string): Promise<void> => {
    await makeBaseImages(kind)
    const [source, target] = [join(folder, `${kind}.img`), join(beside, 'base.img')]
    const [from, to] = await Promise.all([stat(source), stat(target).catch(() => undefined)])
    if (to === undefined || to.mtimeMs < from.mtimeMs || to.size !== from.size) await copyFile(source, target)
  }
