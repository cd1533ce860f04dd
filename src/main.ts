#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { runProgram } from './cli/program.ts'
import { resourcePath } from './cli/resources.ts'
import { createNodeHost } from './host/node-host.ts'
import { redact } from './host/redaction.ts'

// Whoever reads our output may stop early (`appliance plan | head`): no fault of ours, and nobody is left to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

// What nobody caught would be printed as it is, with any secret in it.
process.on('uncaughtException', (error) => {
  process.stderr.write(`internal error: ${redact(error.stack ?? String(error))}\n`)
  process.exit(70)
})

const { version } = JSON.parse(await readFile(resourcePath('package.json'), 'utf8')) as { version: string }

process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  version,
  ...(process.stdin.isTTY && process.stderr.isTTY
    ? { prompt: { input: process.stdin, output: process.stderr } }
    : {}),
  createHost: createNodeHost,
})
