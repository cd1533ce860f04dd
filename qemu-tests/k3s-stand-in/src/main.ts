/** The stand-in for k3s: one program under several names, as k3s is. */

import { basename } from 'node:path'
import { startAgent } from './agent/agent.ts'
import { findDataDirectory, readSettings } from './cli/settings.ts'
import { runCtr } from './commands/ctr.ts'
import { runKubectl } from './commands/kubectl.ts'
import { log, messageOf } from './log.ts'
import { runServer } from './server/server.ts'
import { versionText } from './version.ts'

async function main(): Promise<void> {
  // In a single executable the second word is the name that the program was called by.
  const [, called = 'k3s', ...rest] = process.argv
  const name = basename(called)
  const [command = '--help', ...commandLine] = ['kubectl', 'ctr', 'crictl'].includes(name)
    ? [name, ...rest]
    : rest
  process.on('SIGTERM', () => process.exit(0))
  process.on('SIGINT', () => process.exit(0))
  switch (command) {
    case 'server':
      return runServer(readSettings('server', commandLine, process.env))
    case 'agent':
      return startAgent(readSettings('agent', commandLine, process.env))
    case 'kubectl':
      return runKubectl(commandLine)
    case 'ctr':
      return runCtr(commandLine, findDataDirectory(process.env))
    case '--version':
    case '-v':
      process.stdout.write(versionText('k3s'))
      return
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(`${versionText('k3s')}\nUsage: k3s server|agent|kubectl|ctr|--version\n`)
      return
    default:
      throw new Error(`the stand-in for k3s has no command "${command}"`)
  }
}

main().catch((error: unknown) => log.fatal(messageOf(error)))
