import { dirname, join } from 'node:path'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import { withTask } from '../host/with-task.ts'
import type { ArtifactStore } from '../materialise/artifact-store.ts'
import type { Lock } from '../resolve/lock.ts'
import { printLock } from '../resolve/lock-file.ts'
import { exportedPath, lockInputs } from '../resolve/lock-inputs.ts'

const readme = (
  lockName: string,
): string => `Every input of the images that ${lockName} describes, each file under its
sha256 (store/). Build from it, without a network and with an empty cache:

    appliance build <profile> --offline --artifacts <this folder>

with the lock file beside the profile. \`sha256sum\` of a file must give its name.
`

/** Copies all inputs to a folder that `build --artifacts` takes. Files that are there and whole are left alone. */
export const exportInputs = async (
  host: Host,
  store: ArtifactStore,
  lock: Lock,
  lockName: string,
  folder: string,
): Promise<number> => {
  const inputs = lockInputs(lock, {
    buildArchitectures: ['amd64', 'arm64'],
    releaseUrl: null,
    exportUrl: null,
    profileUrl: null,
  })
  const progress = { total: inputs.length, unit: 'items' } as const
  await withTask(host.report, `export to ${folder}`, progress, async (task) => {
    for (const [index, { pin }] of inputs.entries()) {
      const target = join(folder, exportedPath(pin.sha256))
      const there = await host.files.stat(target)
      if (there?.sizeBytes !== pin.sizeBytes || (await host.files.sha256(target)) !== pin.sha256) {
        await host.files.makeDirectory(dirname(target))
        const temporary = `${target}.new`
        await host.files.copy(await store.path(pin), temporary)
        if ((await host.files.sha256(temporary)) !== pin.sha256) {
          throw new EnvironmentFault(`${temporary} was not written as it was read`, 'check the disk')
        }
        await host.files.rename(temporary, target)
      }
      task.progress(index + 1)
    }
    await host.files.writeAtomic(join(folder, lockName), printLock(lock))
    await host.files.writeAtomic(join(folder, 'README'), readme(lockName))
  })
  return inputs.length
}
