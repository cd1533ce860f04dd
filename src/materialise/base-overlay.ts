import { dirname, join } from 'node:path'
import type { Host } from '../host/host.ts'
import type { BasePlan, PlannedFile } from '../plan/build-plan.ts'
import type { ArtifactStore } from './artifact-store.ts'

const writeFile = async (
  host: Host,
  store: ArtifactStore,
  target: string,
  { path, mode, content }: PlannedFile,
): Promise<void> => {
  await host.files.makeDirectory(dirname(target))
  switch (content.kind) {
    case 'text':
      return host.files.writeAtomic(target, content.text, { mode })
    case 'artifact':
      await host.files.copy(await store.path(content.artifact), target)
      return host.files.chmod(target, mode)
    default:
      throw new Error(`a base cannot hold ${content.kind} content (${path})`)
  }
}

/** The files, links and directories of a base plan as a tree in `folder`, to be laid over the packages. */
export const writeOverlay = async (
  host: Host,
  store: ArtifactStore,
  plan: BasePlan,
  folder: string,
): Promise<void> => {
  await host.files.makeDirectory(folder)
  for (const { path, mode } of plan.directories) {
    await host.files.makeDirectory(join(folder, path))
    await host.files.chmod(join(folder, path), mode)
  }
  for (const file of plan.files) await writeFile(host, store, join(folder, file.path), file)
  for (const { path, target } of plan.links) {
    await host.files.makeDirectory(dirname(join(folder, path)))
    await host.files.symlink(target, join(folder, path))
  }
}
