import { join } from 'node:path'
import { StepFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { PackagePin } from '../plan/build-plan.ts'
import type { ArtifactStore } from './artifact-store.ts'

/** Finds files of packages on this machine; `path` is that in the package, without a leading slash. */
export type PackageFiles = (pin: PackagePin, path: string) => Promise<string>

/** Unpacks each package below `folder` when its first file is asked for. No script of a package is run. */
export const unpackPackages = (host: Host, artifacts: ArtifactStore, folder: string): PackageFiles => {
  const unpacked = new Map<string, string>()
  return async (pin, path) => {
    let target = unpacked.get(pin.sha256)
    if (target === undefined) {
      target = join(folder, pin.sha256)
      await host.files.makeDirectory(target)
      const source = await artifacts.path({ ...pin, name: `${pin.name} ${pin.version}` })
      await host.exec(['dpkg-deb', '--extract', source, target], { doing: `unpack ${pin.name}` })
      unpacked.set(pin.sha256, target)
    }
    const file = join(target, path)
    if ((await host.files.stat(file))?.isFile !== true) {
      throw new StepFault(`the package ${pin.name} ${pin.version} has no file ${path}`, {
        help: 'the recipe of the board names it: look for the version of the package that has it, and lock again',
      })
    }
    return file
  }
}
