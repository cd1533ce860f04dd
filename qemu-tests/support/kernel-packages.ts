import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createNodeHost } from '../../src/host/node-host.ts'
import { createArtifactStore } from '../../src/materialise/artifact-store.ts'
import { cacheDirectory } from '../../src/materialise/cache-paths.ts'
import { parseLock } from '../../src/resolve/lock-file.ts'
import { appliance, artifactsDirectory, program } from './workspace.ts'

/** The file that qemu-tests/profiles/given-kernel.yaml names: Debian's own kernel, in the place of the vendor's. */
export const writeKernelPackage = async (folder: string): Promise<void> => {
  const text = await readFile('qemu-tests/profiles/given-kernel.yaml', 'utf8')
  const profile = join(folder, 'stable.yaml')
  await writeFile(profile, text.replace(/^base:\n.*\n/m, ''))
  await appliance`node ${program} lock ${profile} --artifacts ${artifactsDirectory}`
  const path = join(folder, 'stable.lock.yaml')
  const [lock] = parseLock({ path, text: await readFile(path, 'utf8') })
  const kernel = lock?.base.kernels.arm64?.['stable-4k']
  const image = kernel?.packages.find(({ name }) => name === `linux-image-${kernel.release}`)
  if (image === undefined) throw new Error(`${path} pins no kernel`)
  const host = createNodeHost({ offline: true })
  try {
    const target = join(folder, 'vendor', 'linux-image.deb')
    await mkdir(dirname(target), { recursive: true })
    await copyFile(await createArtifactStore(host, cacheDirectory(process.env)).path(image), target)
  } finally {
    await host.close()
  }
}
