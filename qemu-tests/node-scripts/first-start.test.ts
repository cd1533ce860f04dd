import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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
    expect(run(whenDone)).toBe(0)
    expect(run(untilDone(['a.service']))).toBe(0)
    expect(semaphores()).toHaveLength(3)
    expect(existsSync(join(root, 'asked'))).toBe(false)
  })

  test("which is that of the user's commands, however they end", () => {
    expect(run(whenDone, `[ ! -e ${stamp} ] || exit 4`, 'exit 3', 'exit 5')).toBe(3)
    expect(isStamped()).toBe(true)
  })

  test('and not where they are killed', () => {
    run(whenDone, 'kill -KILL $$')
    expect(isStamped()).toBe(false)
  })
})
