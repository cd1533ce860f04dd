/** One executable for each architecture: the program as one CommonJS file inside the pinned Node binary. */

import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { inject } from 'postject'
import { $ } from 'zx'
import { stripElf } from './strip.ts'

/** The mark in Node's binary that says whether a program was put in; from Node's documentation. */
const SENTINEL_FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Bundles the program and turns it into the blob that goes into the binaries. Returns the blob's bytes. */
export async function makeBlob(root: string, hostNode: string, directory: string): Promise<Buffer> {
  const script = join(directory, 'k3s.cjs')
  await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // What the drivers of databases look for and do not need.
    external: ['pg-native', 'cloudflare:sockets'],
    logLevel: 'warning',
  })
  const config = join(directory, 'sea.json')
  // Without code cache and snapshot nothing in the blob depends on the processor. The names are relative since the
  // blob holds the name of the script.
  const settings = {
    main: basename(script),
    output: 'k3s.blob',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
  }
  writeFileSync(config, `${JSON.stringify(settings, null, 2)}\n`)
  await $({ cwd: directory, quiet: true })`${hostNode} --experimental-sea-config sea.json`
  return readFileSync(join(directory, 'k3s.blob'))
}

/** Writes `target`: the stripped Node binary with the blob in it. */
export async function makeExecutable(node: string, blob: Buffer, target: string): Promise<void> {
  writeFileSync(target, stripElf(readFileSync(node)), { mode: 0o755 })
  await withoutWarnings(() => inject(target, 'NODE_SEA_BLOB', blob, { sentinelFuse: SENTINEL_FUSE }))
}

/** The injector's ELF library warns of sections without a name, by way of the console; they are harmless. */
async function withoutWarnings(action: () => Promise<void>): Promise<void> {
  const { log, warn, error } = console
  const ignore = (): void => undefined
  Object.assign(console, { log: ignore, warn: ignore, error: ignore })
  try {
    await action()
  } finally {
    Object.assign(console, { log, warn, error })
  }
}
