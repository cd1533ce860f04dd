import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Host } from '../../host/host.ts'
import { withTask } from '../../host/with-task.ts'
import type { BaseImagePlan } from '../../plan/build-plan.ts'
import type { ArtifactStore } from '../artifact-store.ts'
import type { BuiltStore } from '../built-store.ts'
import { expandImage } from './expand-image.ts'

/** Raised when another disk is made of the same file. */
const format = 1

/** Name of the disk in the folder that `baseDisk` gives. */
export const diskName = 'disk'

/** The raw disk of a base image, made once for each file: the folder in the cache that holds it. */
export const baseDisk = (
  host: Host,
  { artifacts, built }: { readonly artifacts: ArtifactStore; readonly built: BuiltStore },
  { artifact, form }: Pick<BaseImagePlan, 'artifact' | 'form'>,
): Promise<string> => {
  const id = createHash('sha256').update(`${format} ${form} ${artifact.sha256}`).digest('hex')
  const { name } = artifact
  return built.getOrBuild('base-image', id, (folder) =>
    withTask(host.report, `disk of ${name}`, { unit: 'items' }, async () => {
      const path = await artifacts.path(artifact)
      await expandImage(host, { name, path, form }, join(folder, diskName))
      // The disk is the file; that the copy of it is good is seen before the first image is made (checkPart).
      return form === 'raw' ? { [diskName]: artifact.sha256 } : {}
    }),
  )
}
