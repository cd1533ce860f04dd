/** The Node binaries that carry the program: npm packages of one pinned version, checked by digest. */

import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
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
  cache: string,
  work: string,
): Promise<string> {
  const entry = pin.packages[architecture]
  const node = join(cache, `node-${pin.version}-${architecture}`)
  if (existsSync(node)) return node
  const tarball = join(work, `${entry.name}-${pin.version}.tgz`)
  const name = `${entry.name}@${pin.version}`
  await $({ quiet: true })`npm pack ${name} --pack-destination ${work} --silent --prefer-offline`
  const actual = await integrityOf(tarball)
  if (actual !== entry.integrity) throw new Error(`${name}: expected ${entry.integrity}, got ${actual}`)
  await $({ quiet: true })`tar -xzf ${tarball} -C ${work} package/bin/node`
  renameSync(join(work, 'package/bin/node'), node)
  rmSync(tarball)
  return node
}

async function integrityOf(path: string): Promise<string> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(path), hash)
  return `sha512-${hash.digest('base64')}`
}
