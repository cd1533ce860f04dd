import { seedLabels } from '../base-image/seed-labels.ts'
import { isKept } from './owned-paths.ts'

/** Commands of the user's, as far as they can be read without a shell: the plain cases, not what a program does in secret. */

/** Of cloud-config: a line for a shell, or a program with its arguments. */
export const commandText = (command: string | readonly string[]): string =>
  typeof command === 'string' ? command : command.join(' ')

/** Of these the last argument is what is written; of the others every one. */
const writesLast: ReadonlySet<string> = new Set(['cp', 'ln', 'install', 'rsync'])
const writesAll: ReadonlySet<string> = new Set([
  ...['rm', 'rmdir', 'unlink', 'mv', 'tee', 'touch', 'mkdir', 'truncate', 'shred', 'chmod', 'chown', 'chgrp'],
  ...['mount', 'umount'],
])

const wordsOf = (command: string): readonly string[] =>
  command
    .split(/\s+/)
    .map((word) => word.replaceAll(/["']/g, ''))
    .filter((word) => word !== '')

/** Paths that one command changes, without `;`, `|` and `&` in it. */
const changedBy = (command: string): readonly string[] => {
  const words = wordsOf(command)
  const named = words.flatMap((word, index): readonly string[] => {
    const program = word.slice(word.lastIndexOf('/') + 1)
    const args = words.slice(index + 1).filter((each) => !each.startsWith('-'))
    if (writesAll.has(program)) return args
    if (writesLast.has(program)) return args.slice(-1)
    if (program === 'sed') return words.some((each) => /^(?:-[a-zA-Z]*i|--in-place)/.test(each)) ? args : []
    return program === 'dd' ? args.flatMap((each) => (each.startsWith('of=') ? [each.slice(3)] : [])) : []
  })
  const redirected = [...command.matchAll(/>{1,2}\s*["']?(\/[^\s"'&;|)]*)/g)].map(([, path = '']) => path)
  return [...named, ...redirected].filter((path) => path.startsWith('/'))
}

/** Partitions of the image and the data partition, by any name that a node has for them. */
const ownPartition = new RegExp(
  `/dev/disk/by-(?:label/(?:${seedLabels.join('|')}|data)|partlabel/(?:boot|root-a|payload|seed|data))\\b`,
)
const writesDisk = /\b(?:dd|wipefs|mount|shred|sfdisk|sgdisk|parted|mcopy|mdel|mkfs\S*|mke2fs|mkswap)\b/

/** By systemctl(1): what a unit does not outlive, or does not start after. */
const stops = /\bsystemctl\b([^;&|\n]*\b(?:stop|disable|mask|kill)\b[^;&|\n]*)/g

/** Units that a command stops or keeps from starting, with their type: `k3s.service`. */
export const stoppedUnits = (command: string): readonly string[] =>
  [...command.matchAll(stops)].flatMap(([, rest = '']) =>
    wordsOf(rest)
      .filter((word) => !word.startsWith('-') && !/^(?:stop|disable|mask|kill)$/.test(word))
      .map((word) => (word.includes('.') ? word : `${word}.service`)),
  )

const ownUnit = /^(?:k3s|appliance-[a-z]+)\.[a-z]+$/

/** In any command, and what they do, as the end of a sentence. */
const harms: readonly (readonly [RegExp, string])[] = [
  [/\bservice\s+k3s\s+stop\b|\b(?:pkill|killall)\b[^;&|\n]*\bk3s\b/, 'stops a unit that this node lives by'],
  [/\bk3s-(?:killall|uninstall|agent-uninstall)(?:\.sh)?\b/, 'removes k3s'],
  [/\bget\.k3s\.io\b/, 'installs another k3s over the one of the image'],
  [
    /\bnft\s+flush\s+ruleset\b|\bip6?tables\b[^;&|\n]*\s(?:-F|--flush)\b/,
    'takes away the rules by which k3s reaches its pods',
  ],
]

/** What a command of the user's would break, as the end of a sentence. */
export const brokenByCommand = (command: string): string | undefined => {
  if (stoppedUnits(command).some((unit) => ownUnit.test(unit))) return 'stops a unit that this node lives by'
  const harm = harms.find(([pattern]) => pattern.test(command))
  if (harm !== undefined) return harm[1]
  const parts = command.split(/[;|&\n]+/)
  if (parts.some((part) => ownPartition.test(part) && writesDisk.test(part)))
    return 'writes to a partition of the image'
  return parts.some((part) => changedBy(part).some(isKept))
    ? 'writes where k3s and this node keep what is theirs'
    : undefined
}

const ends =
  /(?:^|[;&|\n]\s*|\bsystemctl\s+(?:-\S+\s+)*)(?:\S*\/)?(?:reboot|poweroff|halt|shutdown|init\s+[06])\b/

/** Whether a command ends the start under way: at every start, none comes to its end. */
export const endsTheStart = (command: string): boolean => ends.test(command)
