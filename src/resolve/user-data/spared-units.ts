import { changedPaths } from './changed-paths.ts'
import type { Kept } from './kept.ts'
import type { Command, SimpleCommand } from './shell-words.ts'
import { programsIn } from './shell-words.ts'
import { startedBy } from './unit-commands.ts'

/** Units of which one does for the others: one may go when another one is switched on. */
const alike: readonly (readonly string[])[] = [
  ['ssh.socket', 'ssh.service'],
  ['sshd.socket', 'sshd.service'],
  [
    ...['systemd-timesyncd.service', 'chrony.service', 'chronyd.service'],
    ...['ntp.service', 'ntpd.service', 'ntpsec.service', 'openntpd.service'],
  ],
]

const resolver = 'systemd-resolved.service'
const resolvers = '/etc/resolv.conf'

/** A link to what the resolver of systemd writes is empty without it. */
const namesResolvers = (command: SimpleCommand): boolean =>
  changedPaths(command).some(({ path, change }) => path === resolvers && change !== 'removed') &&
  !command.words.some((word) => word.includes('systemd/resolve/'))

/** What takes the place of units that are kept. */
export interface Replacing {
  readonly commands?: readonly Command[]
  /** Units that are switched on otherwise. */
  readonly enabled?: readonly string[]
  /** Files and links that take the place of what is there. */
  readonly written?: readonly string[]
}

/** What is kept beside units that something else takes the place of. */
export const keptBeside = (kept: Kept, { commands = [], enabled = [], written = [] }: Replacing): Kept => {
  const programs = commands.flatMap(programsIn)
  const started = [...enabled, ...programs.flatMap(({ words }) => startedBy(words))]
  const isNamed = written.includes(resolvers) || programs.some(namesResolvers)
  const mayGo = (unit: string): boolean =>
    (unit === resolver && isNamed) ||
    alike.some(
      (group) => group.includes(unit) && group.some((other) => other !== unit && started.includes(other)),
    )
  return { ...kept, units: kept.units.filter((unit) => !mayGo(unit)) }
}
