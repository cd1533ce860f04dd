import { posix } from 'node:path'
import type { Change } from './kept.ts'
import type { SimpleCommand } from './shell-words.ts'
import { programOf } from './shell-words.ts'

export interface ChangedPath {
  readonly path: string
  readonly change: Change
}

const changed = (change: Change, paths: readonly string[]): readonly ChangedPath[] =>
  paths.map((path) => ({ path, change }))

const isOption = (word: string): boolean => word.startsWith('-')
const has = (args: readonly string[], pattern: RegExp): boolean => args.some((word) => pattern.test(word))

/** The value of an option: `-t X`, `-at X`, `--to=X`. */
const valuesOf = (args: readonly string[], short: string, long: string): readonly string[] =>
  args.flatMap((word, index) => {
    if (word === long || (/^-[a-zA-Z]+$/.test(word) && word.endsWith(short))) return [args[index + 1] ?? '']
    return word.startsWith(`${long}=`) ? [word.slice(long.length + 1)] : []
  })

/** What takes files to a place: it may be a folder, and they come into it. */
const taken = (args: readonly string[]): readonly ChangedPath[] => {
  const plain = args.filter((word) => !isOption(word))
  const [folder] = valuesOf(args, 't', '--target-directory')
  const target = folder ?? plain.at(-1)
  if (target === undefined) return []
  const sources = folder === undefined ? plain.slice(0, -1) : plain.filter((word) => word !== folder)
  const into = sources.map((source) => `${target.replace(/\/$/, '')}/${posix.basename(source)}`)
  return [
    ...changed('added', [target]),
    ...changed('replaced', folder === undefined ? [target, ...into] : into),
  ]
}

type Reader = (args: readonly string[]) => readonly ChangedPath[]

const all =
  (change: Change): Reader =>
  (args) =>
    changed(
      change,
      args.filter((word) => !isOption(word)),
    )

/** Modes that everybody can read and run programs with, and root as the owner. */
const usual =
  /^(?:0?755|(?:[ugoa]*\+[rxX]+|[go]+-w|u=rwX,go=rX|u=rwx,go=rx)(?:,(?:[ugoa]*\+[rxX]+|[go]+-w))*|root(?:[:.](?:root)?)?)$/
const ofPrograms = /^\/(?:usr\/local|opt)(?:\/|$)/

/** Of modes and owners: of a whole folder with `-R`, which programs outlive that stay such. */
const ofInodes: Reader = (args) => {
  const plain = args.filter((word) => !isOption(word))
  const isWhole =
    has(args, /^(?:-[a-zA-Z]*R|--recursive)/) &&
    !(usual.test(plain[0] ?? '') && plain.slice(1).every((path) => ofPrograms.test(path)))
  return changed(isWhole ? 'removed' : 'touched', plain)
}

const inPlace: Reader = (args) => (has(args, /^(?:-[a-zA-Z]*i|--in-place)/) ? all('added')(args) : [])

/** Another state of what is mounted already covers nothing. */
const mounted: Reader = (args) => {
  const plain = args.filter((word) => !isOption(word))
  const isThere = has(args, /(?:^|,)remount\b|^--make-/)
  return [
    ...changed(isThere ? 'touched' : 'covered', plain.slice(-1)),
    ...changed(
      'replaced',
      plain.filter((word) => word.startsWith('/run/appliance/')),
    ),
  ]
}

/** Tests of find(1) by which most of what lies below a folder stays. */
const someOnly = /^-(?:i?name|i?path|i?regex|[acm](?:time|min)|newer|size|empty|user|group)$/

/** The programs that people change files with, by what they do to those that they name. */
const readers: Readonly<Record<string, Reader>> = {
  rm: all('removed'),
  rmdir: all('removed'),
  unlink: all('removed'),
  shred: all('removed'),
  mv: (args) => [...all('removed')(args.filter((word) => !isOption(word)).slice(0, -1)), ...taken(args)],
  cp: taken,
  ln: taken,
  install: (args) => (has(args, /^(?:-[a-zA-Z]*d|--directory)/) ? all('touched')(args) : taken(args)),
  rsync: (args) => [
    ...(has(args, /^--del(?:ete\S*)?$/) ? changed('removed', args.slice(-1)) : []),
    ...taken(args),
  ],
  tee: (args) => all(has(args, /^(?:-[a-z]*a|--append)/) ? 'added' : 'replaced')(args),
  truncate: all('replaced'),
  touch: all('touched'),
  mkdir: all('touched'),
  chmod: ofInodes,
  chown: ofInodes,
  chgrp: ofInodes,
  setfacl: ofInodes,
  chattr: ofInodes,
  sed: inPlace,
  perl: inPlace,
  dd: (args) =>
    changed(
      'replaced',
      args.flatMap((word) => (word.startsWith('of=') ? [word.slice(3)] : [])),
    ),
  curl: (args) => changed('replaced', valuesOf(args, 'o', '--output')),
  wget: (args) => changed('replaced', valuesOf(args, 'O', '--output-document')),
  mount: mounted,
  'systemd-mount': mounted,
  umount: all('replaced'),
  find: (args) => {
    const removes = has(args, /^-delete$/) || (has(args, /^-exec/) && has(args, /^(?:\S*\/)?rm$/))
    const change = has(args, someOnly) ? 'replaced' : 'removed'
    return removes ? changed(change, args.slice(0, args.findIndex(isOption))) : []
  },
}

/** Paths that one command changes, absolute. `folder`: where it is run, if that is known. */
export const changedPaths = (
  { words, redirected }: SimpleCommand,
  folder?: string,
): readonly ChangedPath[] => {
  const [program = '', ...args] = words
  const read = Object.hasOwn(readers, programOf(program)) ? readers[programOf(program)] : undefined
  return [
    ...(read?.(args) ?? []),
    ...redirected.map(({ path, appends }): ChangedPath => ({ path, change: appends ? 'added' : 'replaced' })),
  ].flatMap(({ path, change }) => {
    if (path.startsWith('/')) return [{ path, change }]
    return folder === undefined ? [] : [{ path: posix.join(folder, path), change }]
  })
}
