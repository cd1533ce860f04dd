/**
 * Builds the stand-in for k3s: `npx tsx qemu-tests/k3s-stand-in/build.ts`. The result is `release/` beside this file, a
 * folder with the files of a k3s release. Does nothing when the folder is up to date; equal sources give equal bytes.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { $ } from 'zx'
import { makeBlob, makeExecutable } from './packaging/executable.ts'
import { makeImageArchive } from './packaging/image-archive.ts'
import { IMAGE_NAMES } from './packaging/image-names.ts'
import type { Architecture } from './packaging/runtime.ts'
import { ARCHITECTURES, hostArchitecture, provideNode, readRuntimePin } from './packaging/runtime.ts'
import { inputsDigest, isUpToDate, writeStamp } from './packaging/stamp.ts'

const ROOT = dirname(fileURLToPath(import.meta.url))
const RELEASE = join(ROOT, 'release')
const CACHE = join(ROOT, 'build')
const STAMP = join(CACHE, 'stamp.json')

/** The pinned Node compresses, so that the bytes do not depend on the machine's zstd. Window as in k3s's own archives. */
const COMPRESS = `
  const { readFileSync, writeFileSync } = require('node:fs')
  const { constants, zstdCompressSync } = require('node:zlib')
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 }
  writeFileSync(process.argv[2], zstdCompressSync(readFileSync(process.argv[1]), { params }))
`

function binaryName(architecture: Architecture): string {
  return architecture === 'amd64' ? 'k3s' : `k3s-${architecture}`
}

async function main(): Promise<void> {
  const inputs = inputsDigest(ROOT)
  if (isUpToDate(STAMP, inputs, RELEASE)) {
    process.stderr.write(`stand-in: ${RELEASE} is up to date\n`)
    return
  }
  const started = Date.now()
  const pin = readRuntimePin(ROOT)
  mkdirSync(CACHE, { recursive: true })
  // Several runs may meet: each works in a folder of its own, and the last one to end leaves its result.
  const work = mkdtempSync(join(CACHE, 'work-'))
  const fresh = join(work, 'release')
  mkdirSync(fresh)
  process.stderr.write(`stand-in: Node ${pin.version} from npm\n`)
  const nodes = new Map<Architecture, string>()
  for (const architecture of ARCHITECTURES) {
    nodes.set(architecture, await provideNode(pin, architecture, CACHE, work))
  }
  const hostNode = nodes.get(hostArchitecture()) ?? ''
  const blob = await makeBlob(ROOT, hostNode, work)
  for (const [architecture, node] of nodes) {
    process.stderr.write(`stand-in: ${binaryName(architecture)}\n`)
    const binary = binaryName(architecture)
    const archive = `k3s-airgap-images-${architecture}.tar.zst`
    await makeExecutable(node, blob, join(fresh, binary))
    const plain = join(work, `images-${architecture}.tar`)
    writeFileSync(plain, await makeImageArchive(IMAGE_NAMES, architecture))
    await $({ quiet: true })`${hostNode} -e ${COMPRESS} ${plain} ${join(fresh, archive)}`
    const sums = [archive, binary].map((name) => `${sha256(join(fresh, name))}  ${name}\n`)
    writeFileSync(join(fresh, `sha256sum-${architecture}.txt`), sums.join(''))
  }
  writeFileSync(join(fresh, 'k3s-images.txt'), `${IMAGE_NAMES.join('\n')}\n`)
  rmSync(STAMP, { force: true })
  if (existsSync(RELEASE)) renameSync(RELEASE, join(work, 'old'))
  renameSync(fresh, RELEASE)
  writeStamp(STAMP, inputs, RELEASE)
  rmSync(work, { recursive: true })
  process.stderr.write(`stand-in: ${RELEASE} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

await main()
