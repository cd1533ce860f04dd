import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts'
import type { ShapeChecker } from '../diagnostics/yaml/check-shape.ts'
import { checkShape } from '../diagnostics/yaml/check-shape.ts'
import { decodeText } from '../diagnostics/yaml/decode-text.ts'
import { parseYaml } from '../diagnostics/yaml/parse-yaml.ts'
import type { HostFiles } from '../host/files.ts'
import { checkBase, checkBoard, checkK3sFlags, checkK3sKeys } from './generated/check-recipe.ts'
import type { K3sFlagsFile, K3sKeysFile } from './k3s-schema.ts'
import type { K3sTables } from './k3s-tables.ts'
import { toK3sTables } from './k3s-tables.ts'
import type { BaseRecipe, BoardRecipe } from './recipe.ts'
import type { BaseFile, BoardFile } from './schema.ts'

/** Every recipe under images/, by name. */
export interface Recipes {
  readonly boards: Readonly<Record<string, BoardRecipe>>
  readonly bases: Readonly<Record<string, BaseRecipe>>
  readonly k3s: K3sTables
}

/** A file of the right shape. JSON is read as such, for speed; its faults are found and placed as those of YAML. */
const readShape = async <T>(
  files: HostFiles,
  path: string,
  checker: ShapeChecker,
  faults: Diagnostic[],
): Promise<T | undefined> => {
  const [file, decodeFaults] = decodeText(path, (await files.readBytes(path)) ?? new Uint8Array())
  faults.push(...decodeFaults)
  if (file === undefined) return undefined
  const plain = path.endsWith('.json') ? parseJson(file.text) : undefined
  if (plain !== undefined && checker(plain)) return plain as T
  const [tree, parseFaults] = parseYaml(file)
  faults.push(...parseFaults)
  if (tree === undefined) return undefined
  const shapeFaults = checkShape(tree, checker).map(({ diagnostic }) => diagnostic)
  faults.push(...shapeFaults)
  return shapeFaults.length > 0 ? undefined : (tree.value as T)
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
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
      const found = await readShape<T>(files, `${folder}/${name}`, checker, faults)
      return found === undefined ? [] : [[name.replace(/\.yaml$/, ''), found]]
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

/** Reads `<folder>/boards/*.yaml`, `<folder>/bases/*.yaml` and `<folder>/k3s/*.json`. */
export const readRecipes = async (files: HostFiles, folder: string): Promise<Result<Recipes>> => {
  const faults: Diagnostic[] = []
  const [boards, bases, keys, flags] = await Promise.all([
    readFolder<BoardFile>(files, `${folder}/boards`, checkBoard as ShapeChecker, faults),
    readFolder<BaseFile>(files, `${folder}/bases`, checkBase as ShapeChecker, faults),
    readShape<K3sKeysFile>(files, `${folder}/k3s/keys.json`, checkK3sKeys as ShapeChecker, faults),
    readShape<K3sFlagsFile>(files, `${folder}/k3s/flags.json`, checkK3sFlags as ShapeChecker, faults),
  ])
  if (faults.length > 0 || keys === undefined || flags === undefined) return [undefined, faults]
  return [
    {
      boards: Object.fromEntries(boards.map(([name, file]) => [name, toBoard(name, file)])),
      bases: Object.fromEntries(bases.map(([name, file]) => [name, toBase(name, file)])),
      k3s: toK3sTables(keys, flags),
    },
    [],
  ]
}
