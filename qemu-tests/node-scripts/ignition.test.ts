import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../src/plan/hash.ts'
import type { NodeRoot } from './node-root.ts'
import { createNodeRoot, hasShell, shells } from './node-root.ts'

const folder = 'usr/lib/dracut/modules.d/91appliance-ignition'
const kept = 'sysroot/data/ignition'
const wanted = 'run/appliance/ignition/wanted'
const seed = 'run/appliance/seed/config.ign'
const passwd = 'root:x:0:0::/root:/bin/sh\n'
const preset = 'sysroot/etc/systemd/system-preset/20-ignition.preset'

describe.each(shells)('around Ignition under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createNodeRoot(shell)
    root.write('sysroot/etc/passwd', passwd)
    root.write('sysroot/etc/group', 'root:x:0:\n')
    root.write('sysroot/home/old/.profile', '')
    root.write(`${kept}/.keep`, '')
    root.write(seed, '{}')
    root.shim('systemctl', 'echo "$*" >>"$APPLIANCE_ROOT/called"')
  })
  afterEach(() => root?.remove())

  const run = (step: string, unit = '', env: Readonly<Record<string, string>> = {}) =>
    root.run(`${folder}/appliance-ignition.sh`, { args: [step, unit], env })
  /** What Ignition does to a node; `halves`: a power cut has ended it. */
  const ignition = ({ halves = false } = {}): void => {
    root.write('sysroot/etc/passwd', `${passwd}ops:x:1000:1000::/home/ops:/bin/bash\n`)
    root.write('sysroot/home/ops/.profile', '')
    if (halves) {
      root.write('sysroot/etc/passwd.lock', '123')
      root.write('sysroot/etc/group+', '')
      root.write('sysroot/etc/passwd.123', '')
    } else root.write('sysroot/etc/group', 'root:x:0:\nops:x:1000:\n')
  }
  const restart = (): void => rmSync(root.path('run/appliance/ignition'), { recursive: true, force: true })

  test('a config is applied once', async () => {
    expect(await run('prepare')).toMatchObject({ code: 0 })
    expect(root.read(wanted)).toBe(`${sha256Hex('{}')}\n`)
    expect(root.read('run/appliance/ignition/config.ign')).toBe('{}')
    ignition()
    expect(await run('applied')).toMatchObject({ code: 0 })
    restart()
    expect(await run('prepare')).toMatchObject({ code: 0 })
    expect(root.read(wanted)).toBeUndefined()
    expect(root.read('sysroot/etc/passwd')).toContain('ops')
    expect(root.console().match(/Ignition sets up/g)).toHaveLength(1)
  })

  test('another seed is a first start again, and what people have done since stays', async () => {
    await run('prepare')
    ignition()
    await run('applied')
    restart()
    root.write('sysroot/etc/passwd', `${passwd}ops:x:1000:1000::/home/ops:/bin/zsh\n`)
    root.write(seed, '{"a":1}')
    await run('prepare')
    expect(root.read(wanted)).toBe(`${sha256Hex('{"a":1}')}\n`)
    expect(root.read('sysroot/etc/passwd')).toContain('zsh')
    expect(existsSync(root.path('sysroot/home/ops'))).toBe(true)
  })

  test('what a power cut has left is put back before the next try', async () => {
    await run('prepare')
    ignition({ halves: true })
    restart()
    await run('prepare')
    expect(root.read(wanted)).toBeDefined()
    expect(root.read('sysroot/etc/passwd')).toBe(passwd)
    for (const left of ['passwd.lock', 'group+', 'passwd.123'])
      expect(existsSync(root.path(`sysroot/etc/${left}`)), left).toBe(false)
    expect(existsSync(root.path('sysroot/home/ops'))).toBe(false)
    expect(existsSync(root.path('sysroot/home/old/.profile'))).toBe(true)
  })

  test('the former seed comes back after a try with another: it is applied anew', async () => {
    await run('prepare')
    ignition()
    await run('applied')
    restart()
    root.write(seed, '{"a":1}')
    await run('prepare')
    restart()
    root.write(seed, '{}')
    await run('prepare')
    expect(root.read(wanted)).toBe(`${sha256Hex('{}')}\n`)
  })

  test('units are switched on and off by the presets of this config alone', async () => {
    root.write(preset, 'enable former.service\n')
    await run('prepare')
    expect(root.read(preset)).toBeUndefined()
    root.write(preset, 'enable a.service\ndisable b.timer\n# comment\n')
    await run('applied')
    expect(root.read('called')?.replaceAll(root.path('sysroot'), '/sysroot')).toBe(
      '--root=/sysroot preset a.service\n--root=/sysroot preset b.timer\n',
    )
  })

  test('without a seed the machine starts all the same, and says so', async () => {
    root.shim('mount', 'exit 32')
    expect(await run('prepare')).toMatchObject({ code: 0 })
    expect(root.read(wanted)).toBeUndefined()
    expect(root.console()).toContain('no config for Ignition can be read from the seed')
  })

  test('a fault leaves its reason, and waits longer each time', async () => {
    root.shim(
      'journalctl',
      `cat <<END
CRITICAL : error at $.storage.files.0.path, line 1 col 54: path not specified
WARNING  : failed to fetch config: config is not valid
CRITICAL : failed to acquire config: config is not valid
CRITICAL : Ignition failed: config is not valid
END`,
    )
    const delays: (string | undefined)[] = []
    for (let tries = 0; tries < 8; tries += 1) {
      await run('failed', 'ignition-files.service', { SERVICE_RESULT: 'exit-code' })
      delays.push(root.read('run/appliance/emergency.delay')?.trim())
    }
    expect(delays).toEqual(['60', '120', '240', '480', '960', '1920', '3600', '3600'])
    expect(root.read('run/appliance/emergency.reason')).toBe(
      'ignition-files: CRITICAL : error at $.storage.files.0.path, line 1 col 54: path not specified\n',
    )
    ignition()
    await run('prepare')
    await run('applied')
    expect(existsSync(root.path(`${kept}/failures`))).toBe(false)
  })

  test('a unit that has ended well leaves nothing', async () => {
    await run('failed', 'ignition-files.service', { SERVICE_RESULT: 'success' })
    expect(root.read('run/appliance/emergency.reason')).toBeUndefined()
  })

  test('a group that is there is not added again', async () => {
    mkdirSync(root.path('shims'), { recursive: true })
    root.shim('groupadd.passwd', 'echo "$*" >>"$APPLIANCE_ROOT/called"')
    for (const name of ['root', 'panel'])
      expect(await root.run(`${folder}/groupadd.sh`, { args: ['--root', '/sysroot', name] })).toMatchObject({
        code: 0,
      })
    expect(root.read('called')).toBe('--root /sysroot panel\n')
  })
})
