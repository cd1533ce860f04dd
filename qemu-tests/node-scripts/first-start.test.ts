import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { untilDone, whenDone } from '../../src/plan/provisioning/first-start.ts'
import { hasShell, shells } from './node-root.ts'

const stamp = '/var/lib/cloud/instance/appliance-first-start'

describe.each(shells)('a first start with cloud-init that is cut off, under $name', (shell) => {
  let root: string
  const semaphores = (): readonly string[] => readdirSync(join(root, 'var/lib/cloud/instance/sem')).sort()
  const isStamped = (): boolean => existsSync(join(root, stamp))

  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = mkdtempSync(join(tmpdir(), 'first-start-'))
    for (const folder of ['bin', 'etc', 'var/lib/cloud/instance/sem'])
      mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, 'bin/systemctl'), `#!/bin/sh\necho "$*" >>${root}/asked\n`)
    chmodSync(join(root, 'bin/systemctl'), 0o755)
    for (const name of ['consume_data', 'config_write_files', 'config_users_groups'])
      writeFileSync(join(root, 'var/lib/cloud/instance/sem', name), '')
    for (const name of ['passwd', 'passwd.lock', 'group.lock']) writeFileSync(join(root, 'etc', name), '')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  /** Lines as cloud-init puts them into one script, with their places below the folder of the test. */
  const run = (...lines: readonly string[]): number | null => {
    const [program = '', ...args] = shell.argv
    const script = join(root, 'script')
    writeFileSync(script, lines.join('\n').replaceAll(/\/(?=etc\/|var\/)/g, `${root}/`))
    const env = { PATH: `${root}/bin:${process.env['PATH'] ?? ''}` }
    return spawnSync(program, [...args, script], { env }).status
  }

  test('what cloud-init takes for done, and locks that nobody holds, are forgotten', () => {
    expect(run(untilDone(['a.service', 'b.timer']))).toBe(0)
    expect(semaphores()).toEqual(['consume_data'])
    expect(readdirSync(join(root, 'etc'))).toEqual(['passwd'])
    expect(run(`grep -qx -- '--quiet disable a.service b.timer' ${root}/asked`)).toBe(0)
  })

  test('nothing is, once a first start has come to its end', () => {
    expect(run(whenDone())).toBe(0)
    expect(run(untilDone(['a.service']))).toBe(0)
    expect(semaphores()).toHaveLength(3)
    expect(existsSync(join(root, 'asked'))).toBe(false)
  })

  test('and it ends with the code of the last of our commands where the user has none', () => {
    expect(run('(exit 6)', whenDone())).toBe(6)
    expect(isStamped()).toBe(true)
  })

  const said = (): string => readFileSync(join(root, 'said'), 'utf8')

  test.each<[how: string, code: number, commands: (string | string[])[]]>([
    ['come to their end', 0, ['true']],
    ['fail', 1, [['false']]],
    ['exit', 3, ['exit 3', 'exit 5']],
    ['are no shell any more', 0, [['exec', 'true']]],
    ['have a trap of their own', 0, ["trap 'rm -f /etc/passwd' EXIT"]],
    ['stop at a fault', 1, ['set -e', 'false', 'exit 5']],
    ['hold a fault of syntax', 2, ['fi']],
    ['close what they did not open', 2, [')', 'exit 5']],
    ['leave a quote open', 2, ["echo 'a"]],
    ['leave a bracket open', 2, ['(', 'exit 5']],
    ['leave an if open', 2, ['if true; then']],
    ['leave a here-document open', 0, ['cat <<X', 'a']],
    ['end with a comment', 0, ['# no more']],
    ['end with a backslash', 0, ['true \\']],
    ['return', 4, ['return 4', 'exit 5']],
    ['write elsewhere', 0, ['exec >/etc/passwd 2>&1']],
    ['kill one of theirs', 137, ["sh -c 'kill -KILL $$'"]],
  ])("which is that of the user's commands, where they %s", (_, code, commands) => {
    expect(run(whenDone([`[ ! -e ${stamp} ] || exit 9`, ...commands]))).toBe(code)
    expect(isStamped()).toBe(true)
  })

  test('they are one script, line by line, in which words stay words', () => {
    const own = [
      `exec >${root}/said`,
      'a="it\'s"; tell() { printf "<%s>" "$@"; }',
      ['tell', "it's", '$a', '  ', 'if', ''],
      'cat <<"X"',
      "$a '(",
      'X',
      'tell "$a"',
      'fi',
    ]
    run(whenDone(own))
    expect(said()).toBe("<it's><$a><  ><if><>$a '(\n<it's>")
  })

  test('they may be more than an argument holds', () => {
    expect(run(whenDone([`: ${'long '.repeat(40_000)}`, 'exit 3']))).toBe(3)
  })

  /** A process is ended as by a shutdown, which comes to theirs first, and to the script itself where its time has come. */
  const endTheirs = "kill -TERM $(sh -c 'echo $PPID')"
  test.each([
    ['is no end', '#!/bin/sh\nkill -TERM $PPID\n', false],
    ["but by a signal of the user's own", '#!/bin/sh\n', true],
  ])('a shutdown %s', (_, sleep, stamped) => {
    writeFileSync(join(root, 'bin/sleep'), sleep, { mode: 0o755 })
    expect(run(whenDone([endTheirs]))).toBe(stamped ? 143 : null)
    expect(isStamped()).toBe(stamped)
  })

  test('nor is one that comes to the script itself', () => {
    expect(run(whenDone(['kill -TERM $$']))).toBe(null)
    expect(isStamped()).toBe(false)
  })
})
