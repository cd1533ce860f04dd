#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { runProgram } from './cli/program.ts'
import { resourcePath } from './cli/resources.ts'
import { createNodeHost } from './host/node-host.ts'

const { version } = JSON.parse(await readFile(resourcePath('package.json'), 'utf8')) as { version: string }

process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  version,
  createHost: createNodeHost,
})
