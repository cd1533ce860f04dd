import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCli, testArtifacts } from './run-cli.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Writes a profile into `folder` and locks it; returns its path. */
export const lockedProfile = async (folder: string, text: string): Promise<string> => {
  const profile = join(folder, 'profile.yaml')
  await writeFile(profile, text)
  const { exitCode, stderr } = await runCli(['lock', profile, '--artifacts', testArtifacts])
  if (exitCode !== 0) throw new Error(`the profile could not be locked:\n${stderr}`)
  return profile
}

export const readRepositoryFile = (path: string): Promise<string> => readFile(join(root, path), 'utf8')
