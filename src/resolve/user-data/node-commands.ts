import { posix } from 'node:path'
import { seedLabels } from '../base-image/seed-labels.ts'
import { changedPaths } from './changed-paths.ts'
import {
  forwardingStopped,
  harmOfContent,
  harmOfMount,
  harmOfRules,
  rulesGone,
  stopsForwarding,
  trafficDropped,
} from './file-contents.ts'
import type { Harm, Kept } from './kept.ts'
import { everyBase } from './kept.ts'
import { isOwnUnit, keptBy } from './owned-paths.ts'
import type { Command, SimpleCommand } from './shell-words.ts'
import { programOf, programsIn } from './shell-words.ts'
import { keptBeside } from './spared-units.ts'
import { firstOf, harmOfLink, harmOfUnitCommand } from './unit-commands.ts'
import { commandsOfUnit, conflictsOfUnit, mountPointsOfUnit } from './unit-text.ts'
import { textRead, writtenTexts } from './written-texts.ts'

/** Commands of the user's, as far as they can be read without a shell: the plain cases, not what a program does in secret. */

/** Partitions of the image and the data partition, by any name that a node has for them. */
const ownPartition = new RegExp(
  `^(?:of=)?/dev/disk/by-(?:label/(?:${seedLabels.join('|')}|data)|partlabel/(?:boot|root-a|payload|seed|data))$`,
)
const writesDisk = /^(?:dd|wipefs|mount|shred|sfdisk|sgdisk|parted|mcopy|mdel|mkfs\S*|mke2fs|mkswap)$/

const remove = 'leave k3s to the profile (`cluster.k3s`); remove the command'

/** What of the accounts is not let in any more: an expired one, and one whose password must be changed and is locked. */
const locksOut: Readonly<Record<string, (args: readonly string[]) => boolean>> = {
  userdel: () => true,
  deluser: () => true,
  usermod: (args) =>
    args.some((word) => /^(?:-l|--login|-e|--expiredate|\S*\/(?:nologin|false))$/.test(word)),
  chage: (args) =>
    args.some(
      (word, index) =>
        (/^(?:-E|--expiredate)$/.test(word) && args[index + 1] !== '-1') ||
        (/^(?:-d|--lastday)$/.test(word) && args[index + 1] === '0'),
    ),
  passwd: (args) => args.some((word) => /^(?:-e|--expire)$/.test(word)),
}

/** Rules of iptables(8) for every packet: what is left of their words when those that name no packets are gone. */
const ofEveryPacket =
  /^(?:(?:-w|--wait)(?: \d+)? |(?:-t|--table) filter |(?:-m|--match) comment |--comment \S+ |--reject-with \S+ )*$/
const dropsAll = (args: readonly string[]): boolean => {
  // A comment is one word, whatever is in it.
  const text = args.map((word) => `${word.replaceAll(/\s/g, '_')} `).join('')
  const chain = /(?:-A|-I|--append|--insert) (?:INPUT|FORWARD|OUTPUT) (?:\d+ )?/
  const target = /(?:-j|--jump) (?:DROP|REJECT) /
  return (
    chain.test(text) && target.test(text) && ofEveryPacket.test(text.replace(chain, '').replace(target, ''))
  )
}

/** No chain named, one that the kernel has, or one of k3s's: any other one is the user's to empty. */
const flushesOthers = /^(?:|-.*|INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING|(?:KUBE|CNI|FLANNEL)-.*)$/

type Check = (program: string, args: readonly string[], kept: Kept) => Harm | undefined

/** What programs do by their arguments alone, but for files and units. */
const checks: readonly Check[] = [
  (program, args) =>
    (program === 'pkill' || program === 'killall') && args.some((word) => /^k3s/.test(word))
      ? { what: 'stops k3s', help: remove }
      : undefined,
  (program) =>
    /^k3s-(?:killall|uninstall|agent-uninstall)(?:\.sh)?$/.test(program)
      ? { what: 'removes k3s', help: remove }
      : undefined,
  (_, args) =>
    args.some((word) => /^(?:https?:\/\/)?get\.k3s\.io\b/.test(word))
      ? { what: 'installs another k3s over the one of the image', help: remove }
      : undefined,
  (program, args, { ruleFiles }) => {
    if (program !== 'nft') return undefined
    return (
      harmOfRules(args.join(' ')) ?? (args.some((word) => ruleFiles.includes(word)) ? rulesGone : undefined)
    )
  },
  (program, args) => {
    if (!/^ip6?tables(?:-nft|-legacy)?$/.test(program)) return undefined
    const flush = args.findIndex((word) => /^(?:-F|--flush)$/.test(word))
    if (flush >= 0) return flushesOthers.test(args[flush + 1] ?? '') ? rulesGone : undefined
    const at = args.findIndex((word) => /^(?:-P|--policy)$/.test(word))
    const hasPolicy =
      at >= 0 && /^(?:INPUT|FORWARD|OUTPUT)$/.test(args[at + 1] ?? '') && args[at + 2] !== 'ACCEPT'
    return hasPolicy || dropsAll(args) ? trafficDropped : undefined
  },
  (program, args) =>
    /^ip6?tables(?:-nft|-legacy)?-restore$/.test(program) &&
    !args.some((word) => /^(?:-n|--noflush|-t|--test|-h|--help|-V|--version)$/.test(word))
      ? rulesGone
      : undefined,
  (program, args) =>
    program === 'k3s' &&
    args.some((word) => /^--?cluster-reset(?:-restore-path)?(?:=(?!false$)|$)/.test(word))
      ? { what: 'makes the cluster anew with this node alone', help: remove }
      : undefined,
  (program, args, { places }) => {
    const netplan = places.find(({ folder }) => folder === '/etc/netplan')
    return program === 'netplan' && args[0] === 'set' && netplan !== undefined
      ? { what: `changes ${netplan.by}`, help: netplan.instead }
      : undefined
  },
  (program, args) => {
    const [target = '', path = ''] = args.filter((word) => !word.startsWith('-')).slice(-2)
    return program === 'ln' ? harmOfLink(path, target) : undefined
  },
  (program, args) => (program === 'ufw' && args.includes('enable') ? trafficDropped : undefined),
  (program, args) => {
    const words = args.filter((word) => !word.startsWith('-'))
    return program === 'nmcli' && /^n(?:e\w*)?$/.test(words[0] ?? '') && words[1] === 'off'
      ? {
          what: 'takes the network away',
          help: 'remove it; the network is under `nodes[].network` in the profile',
        }
      : undefined
  },
  (program, args) =>
    /^(?:init|telinit)$/.test(program) && /^[1sS]$/.test(args[0] ?? '')
      ? { what: 'takes the node to where neither ssh nor k3s runs', help: 'remove it' }
      : undefined,
  (program, args) =>
    program === 'cloud-init' && args[0] === 'clean'
      ? { what: 'has all of this done again at the next start', help: 'remove it' }
      : undefined,
  (program, args) =>
    program === 'sysctl' && args.some((word) => stopsForwarding.test(word)) ? forwardingStopped : undefined,
  (program, args, { users }) => {
    const name = users.find((each) => args.includes(each))
    if (name === undefined || !Object.hasOwn(locksOut, program)) return undefined
    return locksOut[program]?.(args) === true
      ? {
          what: `locks \`${name}\` out, who is of the profile`,
          help: 'say it under `access.users` in the profile',
        }
      : undefined
  },
]

const harmOfPaths = (command: SimpleCommand, kept: Kept, folder?: string): Harm | undefined =>
  firstOf(changedPaths(command, folder), ({ path, change }) => {
    const owner = keptBy(path, change, kept)
    return owner === undefined ? undefined : { what: `changes \`${path}\`, ${owner.by}`, help: owner.instead }
  })

/** `echo 0 >/proc/sys/net/ipv4/ip_forward`. */
const switchesForwardingOff = ({ words, redirected }: SimpleCommand): boolean =>
  words.at(-1) === '0' &&
  redirected.some(({ path }) => stopsForwarding.test(`${path.replace(/^\/proc\/sys\//, '')}=0`))

const harmOf = (command: SimpleCommand, kept: Kept, folder?: string): Harm | undefined => {
  const [first = '', ...args] = command.words
  const program = programOf(first)
  const unit = harmOfUnitCommand(command.words, kept)
  if (unit !== undefined) return unit
  const harm = firstOf(checks, (check) => check(program, args, kept))
  if (harm !== undefined) return harm
  if (writesDisk.test(program) && args.some((word) => ownPartition.test(word)))
    return { what: 'writes to a partition of the image', help: 'remove the command' }
  const rules = program === 'nft' ? harmOfRules(textRead(command) ?? '') : undefined
  if (rules !== undefined) return rules
  if (switchesForwardingOff(command)) return forwardingStopped
  return (
    harmOfPaths(command, kept, folder) ??
    firstOf(writtenTexts(command), ({ path, text }) => harmOfFile(path, text, kept))
  )
}

/** What a command of the user's would break. A subshell begins where the shell around it is, and what it changes ends with it. */
export const brokenByCommand = (command: Command, kept: Kept = everyBase): Harm | undefined => {
  const folders = new Map<string, string | undefined>()
  return firstOf(programsIn(command), (each) => {
    const shells = each.shell.map((_, index) => each.shell.slice(0, index + 1).join(' '))
    const known = shells.findLast((shell) => folders.has(shell))
    const [program, to] = each.words
    const folder = known === undefined ? undefined : folders.get(known)
    if (program === 'cd') folders.set(shells.at(-1) ?? '', to?.startsWith('/') === true ? to : undefined)
    return harmOf(each, kept, folder)
  })
}

/** What a unit stops, runs and mounts. */
export const harmOfUnitText = (text: string, kept: Kept): Harm | undefined => {
  const ended = conflictsOfUnit(text).find((other) => isOwnUnit(other) || kept.units.includes(other))
  if (ended !== undefined)
    return {
      what: `stops \`${ended}\`, a unit that this node lives by (\`Conflicts=\`)`,
      help: 'take it out of `Conflicts=`',
    }
  const mount = firstOf(mountPointsOfUnit(text), (point) => harmOfMount(point, kept))
  if (mount !== undefined) return mount
  const commands = commandsOfUnit(text)
  const ofThese = keptBeside(kept, { commands })
  return firstOf(commands, (command) => brokenByCommand(command, ofThese))
}

const unitText = /^\/(?:etc|run|usr\/lib|usr\/local\/lib|lib)\/systemd\/system\/[^/]+(?:\.d\/[^/]+\.conf)?$/

/** What a text does to the node by its place: a unit, or settings of a program. */
export const harmOfFile = (path: string, text: string, kept: Kept): Harm | undefined => {
  const whole = posix.normalize(path)
  return unitText.test(whole) ? harmOfUnitText(text, kept) : harmOfContent(whole, text, kept)
}

const ends = /^(?:reboot|poweroff|halt|shutdown)$/

/** Whether a command ends the start under way: at every start, none comes to its end. */
export const endsTheStart = (command: Command): boolean =>
  programsIn(command).some(({ words: [first = '', ...args] }) => {
    const program = programOf(first)
    if (program === 'init') return /^[06]$/.test(args[0] ?? '')
    return ends.test(program) || (program === 'systemctl' && args.some((word) => ends.test(word)))
  })
