import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hasShell, shells } from './node-root.ts'

const script = resolve(import.meta.dirname, '../../templates/base-image/usr/lib/appliance/bring-up')

describe.each(shells)('what a base that is not ours is brought up by, under $name', (shell) => {
  let folder: string
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    folder = mkdtempSync(join(tmpdir(), 'bring-up-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** What systemctl is asked for on a base where `enabled` are the units for ssh that start by themselves. */
  const asked = (enabled: readonly string[]): readonly string[] => {
    const [program = '', ...args] = shell.argv
    const shim = (name: string, text: string): void => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(folder, name), 0o755)
    }
    for (const name of ['udevadm', 'systemd-tmpfiles']) shim(name, 'exit 0')
    // is-enabled: 0 where one of several is (systemctl(1)).
    const cases = enabled.map((name) => `*is-enabled*${name}*) exit 0 ;;`).join(' ')
    shim('systemctl', `echo "$*" >>${folder}/asked; case "$*" in ${cases} *is-enabled*) exit 1 ;; esac`)
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
    expect(spawnSync(program, [...args, script], { env }).status).toBe(0)
    return readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')
  }

  test('ssh, where a base has it switched off, and k3s', () => {
    const switched = '--no-block enable --now ssh.service'
    expect(asked([])).toContain(switched)
    expect(asked([]).some((call) => /^--no-block start .*\bk3s\.service\b/.test(call))).toBe(true)
  })

  test.each(['ssh.service', 'ssh.socket', 'sshd.service'])('not, where %s is enabled', (name) => {
    expect(asked([name]).filter((call) => call.includes('enable --now'))).toEqual([])
  })
})
