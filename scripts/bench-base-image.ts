/**
 * `npx tsx scripts/bench-base-image.ts`: adds partitions to a base image of 4 GB, of which half is noise and half holes, and
 * compares with a sparse copy of it. `scripts/bench.ts` takes its rows from here.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { $ } from 'zx'
import { createNodeHost } from '../src/host/node-host.ts'
import { cloudPartitions, makeTinyDisk } from '../src/resolve/update-lock/base-image/testing.ts'
import { measure, taskSeconds } from './measure.ts'

const program = resolve(import.meta.dirname, '../dist/main.js')
const runs = 5
const noiseMib = 2048
const seconds = (value: number): string => `${value.toFixed(2)} s`
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** As much of a release as an image is made of; nothing in it is run. */
const release = {
  'k3s-arm64': 'a program',
  'k3s-airgap-images-arm64.tar.zst': 'images',
  'k3s-images.txt': 'docker.io/rancher/mirrored-pause:3.6\n',
} as const

const profileOf = (label: string): string => `apiVersion: appliance/v1alpha1
cluster:
  name: based
  state: { encryption: none }
  k3s: { version: v1.33.1+k3s1 }
base: { image: { file: ./base.img } }
nodes:
  - { name: node-1, role: server, board: arm64-uefi, labels: { bench: "${label}" } }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
`

const makeInputs = async (folder: string): Promise<void> => {
  await mkdir(join(folder, 'release'), { recursive: true })
  const sums = Object.entries(release).map(
    ([name, content]) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`,
  )
  for (const [name, content] of Object.entries({ ...release, 'sha256sum-arm64.txt': sums.join('') }))
    await writeFile(join(folder, 'release', name), content)
  const image = join(folder, 'base.img')
  if (existsSync(image)) return
  const host = createNodeHost({ offline: true })
  await makeTinyDisk(host, image, 'gpt', [
    ...cloudPartitions(),
    { number: 2, line: 'type=linux', fileSystem: 'none', size: 4076 },
  ])
  await host.close()
  await $`head -c ${noiseMib}M /dev/urandom | dd of=${image} bs=1M seek=1024 conv=notrunc iflag=fullblock status=none`
}

export const baseImageFigures = async (
  bench: string,
): Promise<readonly { readonly what: string; readonly measured: string; readonly bar: string }[]> => {
  const folder = join(bench, 'base-image')
  await makeInputs(folder)
  const world = {
    cwd: folder,
    env: { ...process.env, APPLIANCE_CACHE: join(folder, 'cache'), NO_COLOR: '1' },
  }
  let label = 'a'
  const build = async (): Promise<number> => {
    label += 'a'
    await writeFile(join(folder, 'based.yaml'), profileOf(label))
    await rm(join(folder, 'out'), { recursive: true, force: true })
    const argv = ['node', program, 'build', 'based.yaml', '--offline', '--format', 'json']
    const { stderr } = await measure(argv, world)
    return taskSeconds(stderr, /^image /) ?? Number.NaN
  }
  const copy = async (): Promise<number> => {
    await rm(join(folder, 'copy.img'), { force: true })
    const argv = ['cp', '--sparse=always', join(folder, 'base.img'), join(folder, 'copy.img')]
    return (await measure(argv, world)).seconds
  }
  await writeFile(join(folder, 'based.yaml'), profileOf(label))
  await measure(['node', program, 'lock', 'based.yaml', '--artifacts', 'release'], world)
  await rm(join(folder, 'cache/built/prefix'), { recursive: true, force: true })
  const first = await build()
  const copies: number[] = []
  const images: number[] = []
  // By turns, so that both meet the same machine.
  for (let run = 0; run < runs; run += 1) {
    copies.push(await copy())
    images.push(await build())
  }
  await rm(join(folder, 'copy.img'), { force: true })
  const [copied, added] = [median(copies), median(images)]
  return [
    { what: 'cp --sparse=always of a base image of 4 GB', measured: seconds(copied), bar: '(to compare)' },
    {
      what: 'partitions added to it, a changed seed',
      measured: `${seconds(added)}, ${(added / copied).toFixed(2)} of the copy`,
      bar: '<= 1.30',
    },
    { what: 'the first time, when all before the seed is hashed', measured: seconds(first), bar: '(apart)' },
  ]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, measured, bar } of await baseImageFigures(resolve('out/bench')))
    console.log(`| ${what} | ${measured} | ${bar} |`)
}
