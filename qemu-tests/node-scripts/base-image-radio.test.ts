import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeRoot } from './node-root.ts'
import { createNodeRoot, hasShell, shells } from './node-root.ts'

const script = 'usr/lib/appliance/radio'
const text = readFileSync(resolve(import.meta.dirname, '../../templates/base-image', script))
const connection = 'etc/NetworkManager/system-connections/appliance-radio.nmconnection'

describe.each(shells)('the radio of a base that is not ours, under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createNodeRoot(shell)
    root.write(script, text, 0o755)
    for (const name of ['nmcli', 'networkctl', 'systemctl', 'sleep'])
      root.shim(name, `echo "${name} $*" >>"$APPLIANCE_ROOT/called"`)
    for (const name of ['eth0', 'wlp3s0']) root.write(`sys/class/net/${name}/device/uevent`, '')
    root.write('sys/class/net/wlp3s0/phy80211/rfkill0/soft', '1\n')
  })
  afterEach(() => root?.remove())

  /** The address of each interface comes after so many seconds; undefined: never. */
  const withAddresses = (radio: string, after: Readonly<Record<string, number>>): void => {
    root.write('var/lib/appliance/node.conf', `RADIO='${radio}'\n`)
    const waited = '$(grep -c "^sleep" "$APPLIANCE_ROOT/called")'
    const cases = Object.entries(after).map(
      ([name, seconds]) =>
        `*"dev ${name} "*) [ "${waited}" -lt ${seconds} ] || echo "2: x    inet 10.0.0.7/24 scope global x" ;;`,
    )
    root.shim('ip', `case "$*" in ${cases.join('\n')} *) ;; esac`)
  }
  const calls = (): readonly string[] => (root.read('called') ?? '').trim().split('\n')
  const waits = (): number => calls().filter((call) => call.startsWith('sleep')).length

  test('is let send, and NetworkManager is told of its connection', async () => {
    root.write(connection, '')
    withAddresses('', {})
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expect(root.read('sys/class/net/wlp3s0/phy80211/rfkill0/soft')).toBe('0\n')
    expect(calls()).toEqual(['nmcli connection reload', 'nmcli radio wifi on'])
  })

  test('is served by networkd and wpa_supplicant, by whatever name it has', async () => {
    withAddresses('', {})
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expect(calls()).toEqual(['networkctl reload', 'systemctl start --no-block appliance-wifi@wlp3s0.service'])
  })

  test('is waited for where the cluster uses it, and no longer than it takes', async () => {
    withAddresses('cluster', { eth0: 0, wlp3s0: 4 })
    await root.run(script)
    expect(waits()).toBe(4)
  })

  test('is not waited for where a cable has an address and will do', async () => {
    withAddresses('spare', { eth0: 2 })
    await root.run(script)
    expect(waits()).toBe(2)
  })

  test('that joins nothing keeps the node from nothing', async () => {
    withAddresses('cluster', { eth0: 0 })
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expect(waits()).toBe(30)
  })

  test('may come later, or never', async () => {
    root.remove()
    root = createNodeRoot(shell)
    root.write(script, text, 0o755)
    root.shim('networkctl', 'exit 0')
    withAddresses('', {})
    expect(await root.run(script)).toEqual({ code: 0, text: '' })
  })
})
