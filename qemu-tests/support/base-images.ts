import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { $ } from 'zx'
import { sha256Hex } from '../../src/plan/hash.ts'

/** Disk images that were made without this program, and the scripts of qemu-tests/base-images that make them: the first is called. */
const scripts = {
  cloud: ['make-base-images.sh'],
  boards: ['make-base-images.sh'],
  coreos: ['make-coreos-image.sh', 'ignition-base.sh'],
  microos: ['make-microos-image.sh', 'ignition-base.sh'],
} as const

export type BaseImageKind = keyof typeof scripts

const folder = resolve('out/base-images')

/** Made once, and anew when the script or what it sources has changed. */
const makeBaseImages = async (names: (typeof scripts)[BaseImageKind]): Promise<void> => {
  const paths = names.map((name) => join('qemu-tests/base-images', name))
  const stamp = join(folder, `${names[0]}.sha256`)
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  const wanted = sha256Hex(texts.join(''))
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return
  await $({ verbose: false })`bash ${paths[0]} ${folder}`
  await writeFile(stamp, wanted)
}

/** Lays `base.img` beside a profile. */
export const layBaseImage =
  (kind: BaseImageKind) =>
  async (beside: string): Promise<void> => {
    await makeBaseImages(scripts[kind])
    const [source, target] = [join(folder, `${kind}.img`), join(beside, 'base.img')]
    const [from, to] = await Promise.all([stat(source), stat(target).catch(() => undefined)])
    if (to === undefined || to.mtimeMs < from.mtimeMs || to.size !== from.size) await copyFile(source, target)
  }
