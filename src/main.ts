#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { runProgram } from './cli/program.ts'
import { resourcePath } from './cli/resources.ts'
import { createNodeHost } from './host/node-host.ts'

const { version } = JSON.parse(await readFile(resourcePath('package.json'), 'utf8')) as { version: string }

/** `appliance plan ... | head` closes our stdout: that ends the run and is no fault. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}

process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  version,
  createHost: createNodeHost,
})
