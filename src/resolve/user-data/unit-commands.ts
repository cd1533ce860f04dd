import { posix } from 'node:path'
import { rulesGone } from './file-contents.ts'
import type { Harm, Kept } from './kept.ts'
import { baseUnitOwner, isOwnUnit, namesLike, ownUnitOwner } from './owned-paths.ts'
import { programOf } from './shell-words.ts'

/** What a command asks of a manager of services, in the words of systemctl(1); undefined for any other command. */
export interface UnitCommand {
  readonly verb: string
  /** With their type: `k3s.service`; `*` as systemctl has it. */
  readonly units: readonly string[]
}

const types = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/
const withType = (name: string): string => (types.test(name) ? name : `${name}.service`)

/** Options of systemctl with a value of their own word. */
const withValue =
  /^(?:-[stpnoHM]|--(?:signal|type|state|property|lines|output|host|machine|job-mode|root|what))$/

export const unitCommandOf = (words: readonly string[]): UnitCommand | undefined => {
  const [first = '', ...args] = words
  const program = programOf(first)
  if (program === 'systemctl') {
    // Of a person's own manager.
    if (args.includes('--user')) return undefined
    const plain = args.filter(
      (word, index) => !word.startsWith('-') && !withValue.test(args[index - 1] ?? ''),
    )
    const [verb = '', ...names] = plain
    return { verb, units: names.map(withType) }
  }
  const [name = '', verb = ''] = args
  if (program === 'service' || program === 'invoke-rc.d') return { verb, units: [withType(name)] }
  if (/^(?:\/etc\/init\.d\/|\/etc\/rc\.d\/)/.test(first)) return { verb: name, units: [withType(program)] }
  if (program === 'update-rc.d')
    return { verb: verb === 'remove' ? 'disable' : verb, units: [withType(name)] }
  return undefined
}

/** What a unit does not outlive, or does not start after. */
const ends = new Set(['stop', 'disable', 'mask', 'kill', 'clean'])
/** What changes a unit of ours so that it is another one. */
const changes = new Set(['revert', 'edit', 'set-property', 'link'])
const begins = new Set([
  'start',
  'restart',
  'enable',
  'reenable',
  'try-restart',
  'reload-or-restart',
  'unmask',
])

const smallTargets = /^(?:rescue|emergency|basic|sysinit|initrd[a-z-]*)\.(?:target|service)$/
const endTargets =
  /^(?:poweroff|halt|exit|reboot|soft-reboot|kexec|shutdown|runlevel[016])\.(?:target|service)$/
const noStart: Harm = {
  what: 'takes the node to where neither ssh nor k3s runs',
  help: 'remove it; `multi-user.target` is where a node works',
}

/** What is found of the first of them that has any. */
export const firstOf = <T, U>(items: readonly T[], of: (item: T) => U | undefined): U | undefined => {
  for (const item of items) {
    const found = of(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** Of a link: that of `default.target` names where a start ends (systemd.special(7)). */
export const harmOfLink = (path: string, target: string): Harm | undefined => {
  const unit = programOf(target)
  const ends = target === '/dev/null' || smallTargets.test(unit) || endTargets.test(unit)
  return ends && /^\/etc\/systemd\/system\/default\.target$/.test(posix.normalize(path)) ? noStart : undefined
}

/** Units that the words of a command start or enable. */
export const startedBy = (words: readonly string[]): readonly string[] => {
  const command = unitCommandOf(words)
  return command !== undefined && begins.has(command.verb) ? command.units : []
}

/** A set of rules of somebody else in the place of k3s's. */
export const harmOfRuleLoader = (unit: string, { ruleLoaders }: Kept): Harm | undefined =>
  ruleLoaders.includes(unit)
    ? {
        what: `starts \`${unit}\`, whose rules take the place of those by which k3s reaches its pods`,
        help: rulesGone.help,
      }
    : undefined

/** What no longer runs when the unit of this name ends; `*` as systemctl has it. */
export const harmOfEnd = (pattern: string, { units }: Kept): Harm | undefined => {
  const like = namesLike(pattern)
  const isMeant = (name: string): boolean => like.exec(name)?.[0] === name
  if (isOwnUnit(pattern) || isMeant('k3s.service'))
    return { what: `stops \`${pattern}\`, a unit that this node lives by`, help: ownUnitOwner.instead }
  const found = units.find(isMeant)
  return found === undefined
    ? undefined
    : { what: `stops \`${found}\`, a unit that this node lives by`, help: baseUnitOwner(found).instead }
}

export const harmOfUnitCommand = (words: readonly string[], kept: Kept): Harm | undefined => {
  const command = unitCommandOf(words)
  if (command === undefined) return undefined
  const { verb, units } = command
  if (verb === 'rescue' || verb === 'emergency') return noStart
  if (verb === 'isolate') return units.some((unit) => smallTargets.test(unit)) ? noStart : undefined
  if (verb === 'set-default')
    return units.some((unit) => smallTargets.test(unit) || endTargets.test(unit)) ? noStart : undefined
  if (begins.has(verb)) {
    if (units.some((unit) => /^(?:rescue|emergency)\./.test(unit))) return noStart
    return verb === 'unmask' ? undefined : firstOf(units, (unit) => harmOfRuleLoader(unit, kept))
  }
  if (changes.has(verb) && units.some(isOwnUnit))
    return { what: 'changes a unit that this node starts by', help: ownUnitOwner.instead }
  return ends.has(verb) ? firstOf(units, (unit) => harmOfEnd(unit, kept)) : undefined
}
