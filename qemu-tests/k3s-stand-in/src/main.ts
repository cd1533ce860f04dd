/** The stand-in for k3s: one program under several names, as k3s is. */

import { basename } from 'node:path'
import { log, messageOf } from './log.ts'
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
    case 'agent':
      return runNode(command, commandLine)
    case 'kubectl':
      return (await import('./commands/kubectl.ts')).runKubectl(commandLine)
    case 'ctr':
      return (await import('./commands/ctr.ts')).runCtr(commandLine)
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

/** Loaded only when needed: under emulation each part costs start-up time that the small commands must not pay. */
async function runNode(command: 'server' | 'agent', commandLine: readonly string[]): Promise<void> {
  const { readSettings } = await import('./cli/settings.ts')
  const settings = readSettings(command, commandLine, process.env)
  if (command === 'server') await (await import('./server/server.ts')).runServer(settings)
  else await (await import('./agent/agent.ts')).startAgent(settings)
}

main().catch((error: unknown) => log.fatal(messageOf(error)))
