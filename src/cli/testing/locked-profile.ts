import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCli, testArtifacts } from './run-cli.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Writes a profile into `folder` and locks it; returns its path. A lock that still holds keeps its time, and a base is made
 * from that time: locks of tests are kept in .cache/tests, so that tests of the same boards share one base.
 */
export const lockedProfile = async (folder: string, text: string): Promise<string> => {
  const profile = join(folder, 'profile.yaml')
  const lock = join(folder, 'profile.lock.yaml')
  const boards = [...text.matchAll(/board: *([\w-]+)/g)].map((match) => match[1])
  const kept = join(root, '.cache/tests', `${[...new Set(boards)].sort().join('+')}.lock.yaml`)
  await writeFile(profile, text)
  await copyFile(kept, lock).catch(() => undefined)
  const { exitCode, stderr } = await runCli(['lock', profile, '--artifacts', testArtifacts])
  if (exitCode !== 0) throw new Error(`the profile could not be locked:\n${stderr}`)
  await mkdir(join(root, '.cache/tests'), { recursive: true })
  await copyFile(lock, kept)
  return profile
}

export const readRepositoryFile = (path: string): Promise<string> => readFile(join(root, path), 'utf8')
