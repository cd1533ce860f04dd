import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { sha256Hex } from '../../src/plan/hash.ts'

/** The two shells that the scripts promise to run under. */
export const shells = [
  { name: 'dash', argv: ['dash'] },
  { name: 'busybox ash', argv: ['busybox', 'ash'] },
] as const

export type Shell = (typeof shells)[number]

const templates = resolve(import.meta.dirname, '../../templates/node')

export interface RunResult {
  readonly code: number
  readonly text: string
}

/** A folder that the scripts take for a node's root, and programs that stand in for those that need a real node. */
export interface NodeRoot {
  readonly path: (name: string) => string
  readonly read: (name: string) => string | undefined
  readonly write: (name: string, content: string | Uint8Array, mode?: number) => void
  /** A program of that name, before all others in PATH. */
  readonly shim: (name: string, script: string) => void
  readonly run: (script: string, options?: RunOptions) => Promise<RunResult>
  readonly console: () => string
  readonly remove: () => void
}

export interface RunOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Mounting in a folder: nothing to do, the content lies there already. Syncing is not what these tests are about. */
const shims: Readonly<Record<string, string>> = {
  mount: 'exit 0',
  umount: 'exit 0',
  sync: 'exit 0',
  modprobe: 'exit 0',
  sleep: 'exit 0',
  systemctl: 'exit 1',
  journalctl: 'exit 0',
  'ssh-keygen': 'while [ "$1" != -f ]; do shift; done; echo key >"$2"; echo pub >"$2.pub"',
  ip: 'case "$*" in *"-4 route show default"*) echo "default via 10.0.0.1 dev eth0" ;; esac',
}

export const createNodeRoot = (shell: Shell): NodeRoot => {
  const root = mkdtempSync(join(tmpdir(), 'node-root-'))
  const bin = join(root, 'shims')
  const path = (name: string): string => join(root, name)
  const write: NodeRoot['write'] = (name, content, mode = 0o644) => {
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), content)
    chmodSync(path(name), mode)
  }
  const shim = (name: string, script: string): void => write(`shims/${name}`, `#!/bin/sh\n${script}\n`, 0o755)
  cpSync(join(templates, 'usr'), path('usr'), { recursive: true })
  for (const [name, script] of Object.entries(shims)) shim(name, script)
  for (const folder of [
    'dev',
    'etc/ssh',
    'proc/sys/kernel',
    'run/appliance/disk',
    'sys/class/net',
    'usr/local/bin',
    'var/lib',
  ]) {
    mkdirSync(path(folder), { recursive: true })
  }
  write('dev/console', '')
  write('proc/uptime', '12.34 20.00\n')
  const run: NodeRoot['run'] = (script, { args = [], env = {} } = {}) =>
    new Promise((done) => {
      const [program, ...rest] = shell.argv
      const child = spawn(program, [...rest, path(script), ...args], {
        env: {
          PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
          APPLIANCE_ROOT: root,
          LC_ALL: 'C.UTF-8',
          TZ: 'UTC',
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      child.on('close', (code) => done({ code: code ?? -1, text }))
    })
  return {
    path,
    read: (name) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : undefined),
    write,
    shim,
    run,
    console: () => readFileSync(path('dev/console'), 'utf8'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

export interface SeedFile {
  readonly kind: 'secret' | 'plain'
  readonly mode: string
  readonly target: string
  readonly content: string
}

export const clockFloor = 1_700_000_000

/** What an image's seed holds, as if it were mounted; the link stands for the partition. */
export const writeSeed = (
  root: NodeRoot,
  files: readonly SeedFile[],
  role: 'server' | 'agent' = 'server',
  { first = role === 'server', peers = '' } = {},
): string => {
  rmSync(root.path('run/appliance/seed'), { recursive: true, force: true })
  root.write('run/appliance/disk/seed', '')
  for (const document of ['meta-data', 'user-data']) {
    root.write(`run/appliance/seed/${document}`, `${document}\n`)
  }
  root.write(
    'run/appliance/seed/appliance/node.conf',
    `NODE_NAME='edge-1'\nROLE='${role}'\nFIRST='${first ? 'yes' : 'no'}'\nCLUSTER='edge'\nCLOCK_FLOOR='${clockFloor}'\nADDRESSES=''\nPEERS='${peers}'\n`,
  )
  const list = files.map(({ kind, mode, target, content }, number) => {
    root.write(`run/appliance/seed/appliance/files/${number}`, content)
    return `${kind} ${mode} ${sha256Hex(content)} ${number} ${target}\n`
  })
  root.write('run/appliance/seed/appliance/install.list', list.join(''))
  return sha256Hex(list.join(''))
}

/** A payload whose k3s tells how it was called. */
export const writePayload = (root: NodeRoot, files: Readonly<Record<string, string>>): void => {
  rmSync(root.path('payload'), { recursive: true, force: true })
  const all = { 'bin/k3s': '#!/bin/sh\necho "k3s was run: $*"\n', ...files }
  for (const [name, content] of Object.entries(all)) root.write(`payload/${name}`, content, 0o755)
  const sums = Object.entries(all).map(([name, content]) => `${sha256Hex(content)}  ${name}\n`)
  root.write('payload/SHA256SUMS', sums.join(''))
  rmSync(root.path('usr/local/bin/k3s'), { force: true })
  symlinkSync(root.path('payload/bin/k3s'), root.path('usr/local/bin/k3s'))
}

/** Whether the machine has a shell; where it has not, the test that needs it says so. */
export const hasShell = (shell: Shell): boolean => {
  try {
    execFileSync(shell.argv[0], [...shell.argv.slice(1), '-c', 'exit 0'])
    return true
  } catch {
    return false
  }
}
