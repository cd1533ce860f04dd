/** The Node binaries that carry the program: npm packages of one pinned version, checked by digest. */

import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { $ } from 'zx'

export type Architecture = 'amd64' | 'arm64'

export const ARCHITECTURES: readonly Architecture[] = ['amd64', 'arm64']

interface RuntimePin {
  readonly version: string
  readonly packages: Readonly<Record<Architecture, { readonly name: string; readonly integrity: string }>>
}

export function readRuntimePin(directory: string): RuntimePin {
  return JSON.parse(readFileSync(join(directory, 'runtime.json'), 'utf8')) as RuntimePin
}

/** The architecture of this machine: its Node of the pinned version makes the blob, whose format is tied to the version. */
export function hostArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64'
  if (process.arch === 'arm64') return 'arm64'
  throw new Error(`the stand-in can be built on x64 and arm64, not on ${process.arch}`)
}

/**
 * Path of the `node` executable for `architecture`, taken from the registry by npm's own client when it is not at hand.
 * `npm pack` is used because `npm install` refuses packages of a foreign platform.
 */
export async function provideNode(
  pin: RuntimePin,
  architecture: Architecture,
  directory: string,
): Promise<string> {
  const entry = pin.packages[architecture]
  const node = join(directory, `node-${pin.version}-${architecture}`)
  if (existsSync(node)) return node
  mkdirSync(directory, { recursive: true })
  const tarball = join(directory, `${entry.name}-${pin.version}.tgz`)
  if (!(existsSync(tarball) && (await integrityOf(tarball)) === entry.integrity)) {
    await $({
      quiet: true,
    })`npm pack ${`${entry.name}@${pin.version}`} --pack-destination ${directory} --silent --prefer-offline`
  }
  const actual = await integrityOf(tarball)
  if (actual !== entry.integrity) {
    rmSync(tarball)
    throw new Error(`${entry.name}@${pin.version}: expected ${entry.integrity}, got ${actual}`)
  }
  const unpacked = join(directory, `unpack-${architecture}`)
  rmSync(unpacked, { recursive: true, force: true })
  mkdirSync(unpacked)
  await $({ quiet: true })`tar -xzf ${tarball} -C ${unpacked} package/bin/node`
  renameSync(join(unpacked, 'package/bin/node'), node)
  rmSync(unpacked, { recursive: true })
  rmSync(tarball)
  return node
}

async function integrityOf(path: string): Promise<string> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(path), hash)
  return `sha512-${hash.digest('base64')}`
}
