import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeRoot } from './node-root.ts'
import { hasShell, shells } from './node-root.ts'
import { createPreparedNode, launcher } from './prepared-node.ts'

describe.each(shells)('a radio under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createPreparedNode(shell)
  })
  afterEach(() => root?.remove())

  const withRadio = (use: string, cable: string, radio: string): void => {
    const conf = 'run/appliance/seed/appliance/node.conf'
    root.write(conf, `${root.read(conf) ?? ''}RADIO='${use}'\n`)
    for (const name of ['eth0', 'wlan0']) root.write(`sys/class/net/${name}/device/uevent`, '')
    root.write('sys/class/net/wlan0/phy80211/uevent', '')
    const inet = (address: string): string =>
      address === '' ? 'exit 0' : `echo "2: x    inet ${address}/24 brd 10.0.0.255 scope global dynamic x"`
    root.shim(
      'ip',
      `case "$*" in
        *"-4 route show default"*) echo "default via 10.0.0.1 dev eth0" ;;
        *"dev eth0 scope global") ${inet(cable)} ;;
        *"dev wlan0 scope global") ${inet(radio)} ;;
      esac`,
    )
  }
  const configuration = async (): Promise<string | undefined> => {
    await root.run(launcher)
    return root.read('etc/rancher/k3s/config.yaml')
  }

  test('is the interface of the cluster where no cable has an address', async () => {
    withRadio('spare', '', '10.0.0.7')
    expect(await configuration()).toBe('node-name: edge-1\nflannel-iface: wlan0\nnode-ip: 10.0.0.7\n')
  })

  test('is not, where a cable has one, or the radio none', async () => {
    withRadio('spare', '10.0.0.8', '10.0.0.7')
    expect(await configuration()).toBe('node-name: edge-1\n')
    withRadio('spare', '', '')
    expect(await configuration()).toBe('node-name: edge-1\n')
  })

  test('with an address of its own is it by its name', async () => {
    withRadio('cluster', '10.0.0.8', '10.0.0.7')
    expect(await configuration()).toBe('node-name: edge-1\nflannel-iface: wlan0\n')
  })

  test('with an address of its own, and not joined: k3s finds the address and starts all the same', async () => {
    withRadio('cluster', '10.0.0.8', '')
    const conf = 'run/appliance/seed/appliance/node.conf'
    root.write(conf, `${root.read(conf) ?? ''}ADDRESSES='192.168.40.7/24'\n`)
    root.write('sys/class/net/eth0/carrier', '1\n')
    root.shim(
      'ip',
      `echo "$*" >>"$APPLIANCE_ROOT/called"; ${'case "$*" in *"-4 route show default"*) echo "default via 10.0.0.1 dev eth0" ;; esac'}`,
    )
    expect(await configuration()).toBe('node-name: edge-1\n')
    expect(root.console()).toContain('the wireless network is not joined')
    expect(root.read('called')).toContain('address replace 192.168.40.7/32 dev dummy0')
  })
})
