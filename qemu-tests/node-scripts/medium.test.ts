import { existsSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { NodeRoot } from './node-root.ts'
import { createNodeRoot, hasShell, shells, writePayload, writeSeed } from './node-root.ts'

vi.setConfig({ testTimeout: 60_000 })

const led = 'sys/class/leds/ACT'
const config = {
  kind: 'plain',
  mode: '0600',
  target: '/var/lib/appliance/k3s-config.yaml',
  content: 'node-name: edge-1\n',
} as const
const watchdog = {
  kind: 'plain',
  mode: '0644',
  target: '/etc/systemd/system.conf.d/20-watchdog.conf',
  content: '[Manager]\nRuntimeWatchdogSec=30s\n',
} as const

describe.each(shells)('medium, light and watchdog under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createNodeRoot(shell)
    for (const name of ['mount', 'systemctl', 'sync'])
      root.shim(name, `echo "${name} $*" >>"$APPLIANCE_ROOT/called"`)
  })
  afterEach(() => root?.remove())

  const called = (): readonly string[] => (root.read('called') ?? '').split('\n')
  const withNodeConf = (lines: string): void => {
    const path = 'run/appliance/seed/appliance/node.conf'
    root.write(path, `${root.read(path) ?? ''}${lines}`)
  }
  const firstboot = () => root.run('usr/lib/appliance/firstboot')

  test('a card: journal in memory and rare commits, at every start, also without a seed', async () => {
    writeSeed(root, [config])
    withNodeConf("JOURNAL='memory'\nDATA_COMMIT='60'\n")
    expect(await firstboot()).toMatchObject({ code: 0 })
    const mark = root.path('run/appliance/journal-in-memory')
    const remount = `mount -o remount,commit=60 ${root.path('data')}`
    expect(existsSync(mark)).toBe(true)
    expect(called()).toContain(remount)
    root.write('called', '')
    // Gone at a restart, with all of /run.
    for (const name of ['run/appliance/journal-in-memory', 'run/appliance/disk/seed']) {
      rmSync(root.path(name))
    }
    expect(await firstboot()).toMatchObject({ code: 0 })
    expect(existsSync(mark)).toBe(true)
    expect(called()).toContain(remount)
  })

  test('what another seed says of another medium counts from its first start on', async () => {
    writeSeed(root, [config])
    withNodeConf("JOURNAL='memory'\nDATA_COMMIT='60'\n")
    await firstboot()
    writeSeed(root, [{ ...config, content: 'node-name: edge-2\n' }])
    withNodeConf("JOURNAL='disk'\nDATA_COMMIT='5'\n")
    rmSync(root.path('run/appliance/journal-in-memory'))
    root.write('called', '')
    await firstboot()
    expect(existsSync(root.path('run/appliance/journal-in-memory'))).toBe(false)
    expect(called()).toContain(`mount -o remount,commit=5 ${root.path('data')}`)
  })

  test('systemd reads the time of the watchdog once it is placed, and is left alone where there is none', async () => {
    writeSeed(root, [config])
    await firstboot()
    expect(called()).not.toContain('systemctl daemon-reload')
    writeSeed(root, [config, watchdog])
    await firstboot()
    expect(called()).toContain('systemctl daemon-reload')
    root.write('called', '')
    await firstboot()
    expect(called()).not.toContain('systemctl daemon-reload')
  })

  test('certificates that k3s has made are on the disk when it is ready', async () => {
    const key = 'var/lib/rancher/k3s/server/tls/client-admin.key'
    root.write(key, 'key')
    await root.run('usr/lib/appliance/notice', { args: ['running'] })
    expect(called().find((line) => line.startsWith('sync '))).toContain(root.path(key))
  })

  const light = (): Readonly<Record<string, string | undefined>> =>
    Object.fromEntries(
      ['trigger', 'brightness', 'delay_on', 'delay_off'].map((name) => [name, root.read(`${led}/${name}`)]),
    )
  const makeLight = (): void => {
    for (const name of ['trigger', 'brightness', 'delay_on', 'delay_off']) root.write(`${led}/${name}`, '')
  }

  test('the light blinks while the node starts, fast when it refuses, and shines when k3s runs', async () => {
    writeSeed(root, [config])
    writePayload(root, {})
    makeLight()
    await root.run('usr/lib/appliance/launcher')
    expect(light()).toMatchObject({ trigger: 'timer', delay_on: '500', delay_off: '500' })
    await root.run('usr/lib/appliance/notice', { args: ['running'] })
    expect(light()).toMatchObject({ trigger: 'none', brightness: '1' })
    root.write('payload/bin/k3s', 'not what it was', 0o755)
    await root.run('usr/lib/appliance/launcher')
    expect(light()).toMatchObject({ trigger: 'timer', delay_on: '100', delay_off: '100' })
  })

  test('without a light nothing is said and nothing is made', async () => {
    writeSeed(root, [config])
    writePayload(root, {})
    const { code, text } = await root.run('usr/lib/appliance/launcher')
    expect(code).toBe(0)
    expect(text).not.toContain(led)
    expect(existsSync(root.path(led))).toBe(false)
  })
})
