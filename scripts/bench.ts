/**
 * `make bench`: measures and prints the table of figures, with the bars it is held to. Works in out/bench, with a cache of its
 * own that is kept between runs. BENCH_PLAIN=0 leaves out plain mmdebstrap (about 17 minutes), BENCH_BOOT=0 the boots.
 */
import { existsSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { $, cd, path, within } from 'zx'
import { baseImageFigures } from './bench-base-image.ts'
import { idleFigures } from './bench-idle.ts'
import { imageFigures } from './bench-images.ts'
import { measure, taskSeconds } from './measure.ts'

interface Row {
  readonly what: string
  readonly measured: string
  readonly bar: string
}

const root = resolve(import.meta.dirname, '..')
const folder = path.join(root, 'out/bench')
const cache = path.join(folder, 'cache')
const artifacts = resolve(
  process.env['APPLIANCE_TEST_ARTIFACTS'] ?? path.join(root, 'qemu-tests/k3s-stand-in/release'),
)
const program = path.join(root, 'dist/main.js')
const env = { ...process.env, APPLIANCE_CACHE: cache, NO_COLOR: '1' }
const rows: Row[] = []

const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} s`
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const say = (text: string): void => {
  process.stderr.write(`bench: ${text}\n`)
}
const appliance = (...args: readonly string[]) => measure(['node', program, ...args], { cwd: folder, env })
const medianOf = async (times: number, run: () => Promise<number>): Promise<number> => {
  const values: number[] = []
  for (let count = 0; count < times; count += 1) values.push(await run())
  return median(values)
}

/** One arm64 server whose image is about 2 GB: the rest is filled with an image archive that cannot be compressed. */
const writeProfile = async (label: string): Promise<void> => {
  const quickstart = await readFile(path.join(root, 'profiles/quickstart.yaml'), 'utf8')
  const profile = quickstart
    .replace(/^ {2}name: .*$/m, '  name: bench')
    .replace(/^ {4}board: .*$/m, (line) => `${line}\n    labels: { bench: "${label}" }`)
  await writeFile(
    path.join(folder, 'bench.yaml'),
    `${profile}\nimages:\n  extra:\n    - file: ./filler.tar\n`,
  )
}

const makeFiller = async (): Promise<void> => {
  if (existsSync(path.join(folder, 'filler.tar'))) return
  await within(async () => {
    cd(folder)
    await $`head -c 1400M /dev/urandom > layer.tar`
    await $`printf '{"architecture":"arm64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' > config.json`
    await writeFile(
      path.join(folder, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: ['bench.local/filler:1'], Layers: ['layer.tar'] }]),
    )
    await $`tar -cf filler.tar manifest.json config.json layer.tar`
    await $`rm layer.tar config.json manifest.json`
  })
}

const plainMmdebstrap = async (): Promise<number> => {
  const packages =
    await $`awk 'NR > 1 { print $1 }' ${(await $`find ${cache}/built/base -name packages.tsv`).stdout.trim().split('\n')[0] ?? ''}`
  const target = path.join(folder, 'plain.tar')
  const { seconds: taken } = await measure(
    [
      'mmdebstrap',
      '--quiet',
      '--architectures=arm64',
      // The check wants one more package; that foreign programs run here, the build before has shown.
      '--skip=check/qemu',
      '--variant=essential',
      `--include=${packages.stdout.trim().split('\n').join(',')}`,
      'trixie',
      target,
      'deb http://deb.debian.org/debian trixie main',
      'deb http://deb.debian.org/debian trixie-updates main',
      'deb http://deb.debian.org/debian-security trixie-security main',
    ],
    { cwd: folder, env: process.env },
  )
  await $`rm -f ${target}`
  return taken
}

await $`mkdir -p ${folder}`
await makeFiller()
await writeProfile('a')

say('lock, which puts every package into the cache')
await appliance('lock', 'bench.yaml', '--artifacts', artifacts)

say('the arm64 base, from the packages in the cache')
await $`rm -rf ${cache}/built`
const baseBuild = await appliance('build', 'bench.yaml', '--offline', '--format', 'json')
const base = taskSeconds(baseBuild.stderr, /^base /)
if (base === undefined) throw new Error('the build reported no task for the base')
rows.push({ what: 'arm64 base, warm package cache', measured: seconds(base), bar: '<= 180 s' })
if (process.env['BENCH_PLAIN'] !== '0') {
  say('plain mmdebstrap of the same packages')
  rows.push({
    what: 'plain mmdebstrap, the same packages',
    measured: seconds(await plainMmdebstrap()),
    bar: '(to compare)',
  })
}

const image = path.join(folder, 'out/bench/node-1.img')
const copy = async (): Promise<number> => {
  await $`rm -f ${folder}/copy.img`
  const { seconds: taken } = await measure(['cp', '--sparse=always', image, path.join(folder, 'copy.img')], {
    cwd: folder,
    env,
  })
  return taken
}

say('copy of the image, cached builds, changed label')
const copied = await medianOf(3, copy)
const built = await medianOf(3, async () => (await appliance('build', 'bench.yaml', '--offline')).seconds)
const { size } = statSync(image)
rows.push({
  what: `cp --sparse=always of the image (${megabytes(size)})`,
  measured: seconds(copied),
  bar: '(to compare)',
})
rows.push({
  what: 'build, everything cached',
  measured: seconds(built),
  bar: `<= ${seconds(1.5 * copied + 3)}`,
})

let letter = 'a'
const changed = await medianOf(3, async () => {
  letter += 'a'
  await writeProfile(letter)
  return (await appliance('build', 'bench.yaml', '--offline')).seconds
})
rows.push({
  what: "build, one node's label changed",
  measured: seconds(changed),
  bar: `<= ${seconds(copied + 3)}`,
})

const validated = await medianOf(5, async () => (await appliance('validate', 'bench.yaml')).seconds)
rows.push({ what: 'validate', measured: seconds(validated), bar: '<= 0.30 s' })
rows.push({
  what: 'peak memory of the Node process, build with the base',
  measured: megabytes(baseBuild.peakBytes),
  bar: '<= 250 MB',
})
rows.push({
  what: 'peak memory of its children together',
  measured: megabytes(baseBuild.childrenPeakBytes),
  bar: '(apart)',
})

say('partitions added to a base image of 4 GB')
rows.push(...(await baseImageFigures(folder)))

say('images merged into one archive')
rows.push(...(await imageFigures(folder)))

if (process.env['BENCH_BOOT'] !== '0') {
  say('boots of the quickstart profile')
  await $`cp ${root}/profiles/quickstart.yaml ${folder}/quickstart.yaml`
  await appliance('lock', 'quickstart.yaml', '--artifacts', artifacts)
  await appliance('build', 'quickstart.yaml', '--offline')
  const tested = await appliance('test', 'quickstart.yaml', '--format', 'json')
  const verdict = JSON.parse(tested.stdout) as {
    readonly nodes: readonly {
      readonly accelerator: string
      readonly boots: readonly { readonly boot: number; readonly execSeconds: number | null }[]
    }[]
  }
  for (const node of verdict.nodes) {
    for (const { boot, execSeconds } of node.boots) {
      rows.push({
        what: `power-on to exec k3s, ${node.accelerator}, boot ${boot}`,
        measured: execSeconds === null ? 'never' : seconds(execSeconds),
        bar: boot === 1 ? '<= 120 s' : '<= 60 s',
      })
    }
  }
}
if (process.env['BENCH_BOOT'] !== '0') {
  say('what an idle node writes')
  rows.push(...(await idleFigures()))
}
await $`rm -f ${folder}/copy.img`

const model = cpus()[0]?.model ?? 'unknown processor'
console.log(`${cpus().length} cores, ${model}; Node ${process.version}`)
console.log('| what | measured | bar |\n|---|---|---|')
for (const { what, measured, bar } of rows) console.log(`| ${what} | ${measured} | ${bar} |`)
