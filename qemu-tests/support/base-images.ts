import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { $ } from 'zx'
import { sha256Hex } from '../../src/plan/hash.ts'

/** Disk images that were made without this program: `cloud` and `boards` of qemu-tests/base-images/make-base-images.sh. */
export type BaseImageKind = 'cloud' | 'boards'

const script = 'qemu-tests/base-images/make-base-images.sh'
const folder = resolve('out/base-images')

/** Made once, and anew when the script has changed. */
const makeBaseImages = async (): Promise<void> => {
  const stamp = join(folder, 'script.sha256')
  const wanted = sha256Hex(await readFile(script, 'utf8'))
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return
  await rm(folder, { recursive: true, force: true })
  await $({ verbose: false })`sh ${script} ${folder}`
  await writeFile(stamp, wanted)
}

/** Lays `base.img` beside a profile. */
export const layBaseImage =
  (kind: BaseImageKind) =>
  async (beside: string): Promise<void> => {
    await makeBaseImages()
    const [source, target] = [join(folder, `${kind}.img`), join(beside, 'base.img')]
    const [from, to] = await Promise.all([stat(source), stat(target).catch(() => undefined)])
    if (to === undefined || to.mtimeMs < from.mtimeMs || to.size !== from.size) await copyFile(source, target)
  }
