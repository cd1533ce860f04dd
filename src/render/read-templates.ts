import { baseImageTemplates } from '../plan/base-image/base-image-tree.ts'
import { nodeTemplates } from '../plan/node-tree.ts'
import { bootTemplates } from '../plan/raspberry-pi-boot.ts'

/** The one thing rendering needs of the host. */
interface TextFiles {
  readonly readText: (path: string) => Promise<string | undefined>
}

/** All templates, by their path below `folder` (the package's `templates/`), for createRenderer. */
export const readTemplates = async (
  files: TextFiles,
  folder: string,
): Promise<ReadonlyMap<string, string>> => {
  const names = [
    ...nodeTemplates.map(({ name }) => `node/${name}`),
    ...baseImageTemplates.map(({ name }) => `base-image/${name}`),
    ...bootTemplates,
  ]
  const texts = await Promise.all(names.map((name) => files.readText(`${folder}/${name}`)))
  return new Map(
    names.map((name, index) => {
      const text = texts[index]
      if (text === undefined)
        throw new Error(`${folder}/${name} is missing: the installation is not complete`)
      return [name, text]
    }),
  )
}
