import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts'
import type { ShapeChecker } from '../diagnostics/yaml/check-shape.ts'
import { checkShape } from '../diagnostics/yaml/check-shape.ts'
import { decodeText } from '../diagnostics/yaml/decode-text.ts'
import { parseYaml } from '../diagnostics/yaml/parse-yaml.ts'
import type { HostFiles } from '../host/files.ts'
import { checkBase, checkBoard } from './generated/check-recipe.ts'
import type { BaseRecipe, BoardRecipe } from './recipe.ts'
import type { BaseFile, BoardFile } from './schema.ts'

/** Every recipe under images/, by name. */
export interface Recipes {
  readonly boards: Readonly<Record<string, BoardRecipe>>
  readonly bases: Readonly<Record<string, BaseRecipe>>
}

const readFolder = async <T>(
  files: HostFiles,
  folder: string,
  checker: ShapeChecker,
  faults: Diagnostic[],
): Promise<readonly (readonly [string, T])[]> => {
  const names = (await files.list(folder)).filter((name) => name.endsWith('.yaml')).toSorted()
  const read = await Promise.all(
    names.map(async (name): Promise<readonly (readonly [string, T])[]> => {
      const path = `${folder}/${name}`
      const [file, decodeFaults] = decodeText(path, (await files.readBytes(path)) ?? new Uint8Array())
      faults.push(...decodeFaults)
      if (file === undefined) return []
      const [tree, parseFaults] = parseYaml(file)
      faults.push(...parseFaults)
      if (tree === undefined) return []
      const shapeFaults = checkShape(tree, checker).map(({ diagnostic }) => diagnostic)
      faults.push(...shapeFaults)
      return shapeFaults.length > 0 ? [] : [[name.replace(/\.yaml$/, ''), tree.value as T]]
    }),
  )
  return read.flat()
}

const toBoard = (name: string, file: BoardFile): BoardRecipe => ({ name, ...file })

const toBase = (name: string, file: BaseFile): BaseRecipe => {
  const { arm64, amd64 } = file.packagesByArchitecture ?? {}
  return {
    name,
    ...file,
    packagesByArchitecture: {
      ...(arm64 === undefined ? {} : { arm64 }),
      ...(amd64 === undefined ? {} : { amd64 }),
    },
  }
}

/** Reads `<folder>/boards/*.yaml` and `<folder>/bases/*.yaml`. */
export const readRecipes = async (files: HostFiles, folder: string): Promise<Result<Recipes>> => {
  const faults: Diagnostic[] = []
  const [boards, bases] = await Promise.all([
    readFolder<BoardFile>(files, `${folder}/boards`, checkBoard as ShapeChecker, faults),
    readFolder<BaseFile>(files, `${folder}/bases`, checkBase as ShapeChecker, faults),
  ])
  if (faults.length > 0) return [undefined, faults]
  return [
    {
      boards: Object.fromEntries(boards.map(([name, file]) => [name, toBoard(name, file)])),
      bases: Object.fromEntries(bases.map(([name, file]) => [name, toBase(name, file)])),
    },
    [],
  ]
}
