/** Tells whether the release layout was made from the sources as they are now. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Stamp {
  readonly inputs: string
  /** Size and modification time of each file of the release. */
  readonly outputs: Readonly<Record<string, readonly [number, number]>>
}

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** A digest over the sources of program and packaging and the versions of the tools that shape the bytes. */
export function inputsDigest(root: string): string {
  const hash = createHash('sha256')
  const sources = [...sourceFiles(root), '../../images/k3s/flags.json']
  for (const path of sources) hash.update(`${path}\0`).update(readFileSync(join(root, path)))
  const project = JSON.parse(readFileSync(join(root, '../../package.json'), 'utf8')) as PackageJson
  const versions = { ...project.dependencies, ...project.devDependencies }
  for (const tool of ['esbuild', 'postject', 'tar-stream', 'yaml']) hash.update(`${tool} ${versions[tool]}\0`)
  return hash.digest('hex')
}

export function isUpToDate(stampPath: string, inputs: string, release: string): boolean {
  try {
    const stamp = JSON.parse(readFileSync(stampPath, 'utf8')) as Stamp
    const outputs = Object.entries(stamp.outputs)
    return (
      stamp.inputs === inputs &&
      outputs.length > 0 &&
      outputs.every(([name, [size, time]]) => {
        const found = statSync(join(release, name))
        return found.size === size && found.mtimeMs === time
      })
    )
  } catch {
    return false
  }
}

export function writeStamp(stampPath: string, inputs: string, release: string): void {
  const outputs = Object.fromEntries(
    readdirSync(release).map((name) => {
      const found = statSync(join(release, name))
      return [name, [found.size, found.mtimeMs] as const]
    }),
  )
  const stamp: Stamp = { inputs, outputs }
  writeFileSync(stampPath, `${JSON.stringify(stamp, null, 2)}\n`)
}

function sourceFiles(root: string): string[] {
  const folders = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return folders
    .filter((path) => /\.(ts|json)$/.test(path) && !path.endsWith('.test.ts'))
    .filter((path) => !/^(release|build)\//.test(path))
    .sort()
}
