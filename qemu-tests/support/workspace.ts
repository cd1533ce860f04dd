import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { $ } from 'zx'
import { writeButane, writeUserData } from './user-data.ts'
import { writeWorkloads } from './workloads.ts'

/** The release layout that boots: the stand-in, or a real release. */
export const artifactsDirectory = resolve(
  process.env['APPLIANCE_TEST_ARTIFACTS'] ?? 'qemu-tests/k3s-stand-in/release',
)

/** Whether k3s itself runs in the boots, and not the stand-in: what k3s does beyond its contract can be measured. */
export const isRealRelease = process.env['APPLIANCE_TEST_ARTIFACTS'] !== undefined

export const program = resolve('dist/main.js')

/** A folder with a profile, its lock, its state and its images; kept from run to run, as a user would keep it. */
export interface Workspace {
  readonly profile: string
  readonly imageDirectory: string
  readonly output: string
}

const requireFile = async (path: string, make: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new Error(`${path} is missing: run \`make ${make}\``)
}

export const appliance = $({ stdio: ['ignore', 'pipe', 'inherit'], verbose: false })

type Prepare = (folder: string) => Promise<void>

/** Of profiles that name files, and that more than one case builds. */
export const filesBeside: Readonly<Record<string, Prepare>> = {
  'amd64-server': writeUserData,
  'arm64-server': writeWorkloads,
  ignition: writeButane,
}

/** Locks and builds a profile of qemu-tests/profiles, as it is or changed, through the program itself. */
export const buildWorkspace = async (
  name: string,
  change: (profile: string) => string = (profile) => profile,
  /** Puts files beside the profile that it names. */
  prepare: Prepare = filesBeside[name] ?? (async () => undefined),
): Promise<Workspace> => {
  await requireFile(program, 'setup')
  await requireFile(join(artifactsDirectory, 'k3s-images.txt'), 'stand-in')
  const folder = resolve('out/boot-tests', name)
  await mkdir(folder, { recursive: true })
  await prepare(folder)
  const profile = join(folder, `${name}.yaml`)
  await writeFile(profile, change(await readFile(`qemu-tests/profiles/${name}.yaml`, 'utf8')))
  const output = join(folder, 'out')
  await appliance`node ${program} lock ${profile} --artifacts ${artifactsDirectory}`
  await appliance`node ${program} build ${profile} --artifacts ${artifactsDirectory} -o ${output}`
  return { profile, output, imageDirectory: join(output, name) }
}

/** Runs `appliance test` as a user does; the exit code and what it printed. */
export const runTest = async (
  { profile, output }: Workspace,
  ...flags: readonly string[]
): Promise<{ readonly exitCode: number; readonly stdout: string }> => {
  const { exitCode, stdout } = await appliance({
    nothrow: true,
  })`node ${program} test ${profile} -o ${output} ${[...flags]}`
  return { exitCode: exitCode ?? -1, stdout }
}
