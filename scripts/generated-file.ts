import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Writes a generated file, or with --check fails the process when it is not what would be written. */
export const writeOrCheck = async (path: string, content: string): Promise<void> => {
  const target = join(root, path)
  const before = await readFile(target, 'utf8').catch(() => undefined)
  if (before === content) return
  if (process.argv.includes('--check')) {
    console.error(`${path} is out of date: run \`make docs\``)
    process.exitCode = 1
    return
  }
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, content)
  console.log(`wrote ${path}`)
}
