import { statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeRoot } from './node-root.ts'
import { clockFloor, hasShell, shells, writeSeed } from './node-root.ts'
import { config, createPreparedNode, launcher, manifests, statusOf } from './prepared-node.ts'

describe.each(shells)('what the launcher waits for, under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createPreparedNode(shell)
  })
  afterEach(() => root?.remove())

  const joiner = { ...config, content: 'server: https://192.168.10.11:6443\nnode-name: edge-2\n' }
  const asked = 'echo "$*" >>"$APPLIANCE_ROOT/asked"'

  test('a server that joins waits until somebody answers there', async () => {
    writeSeed(root, [joiner], 'server', { first: false })
    root.shim('curl', `${asked}; [ "$(grep -c . "$APPLIANCE_ROOT/asked")" -lt 4 ] || echo pong`)
    const { text } = await root.run(launcher)
    expect(text).toContain('k3s was run: server\n')
    expect(root.read('asked')?.trim().split('\n')).toHaveLength(4)
    expect(root.read('asked')).toContain('https://192.168.10.11:6443/ping')
    expect(root.console()).toContain('waiting for the cluster at https://192.168.10.11:6443')
    expect(statusOf(root)).toMatchObject({ phase: 'start', error: '' })
  })

  test('it does not wait for ever, and not at all once it is a member', async () => {
    writeSeed(root, [joiner], 'server', { first: false })
    root.shim('curl', `${asked}; exit 7`)
    expect((await root.run(launcher)).text).toContain('k3s was run: server\n')
    expect(root.read('asked')?.trim().split('\n')).toHaveLength(120)
    root.write('asked', '')
    root.write('var/lib/rancher/k3s/server/db/etcd/member/wal', '')
    expect((await root.run(launcher)).text).toContain('k3s was run: server\n')
    expect(root.read('asked')).toBe('')
  })

  test('a card that starts the cluster does not start a second one beside it', async () => {
    writeSeed(root, [config], 'server', { peers: 'https://192.168.10.12:6443 https://192.168.10.13:6443' })
    root.shim('curl', `${asked}; case "$*" in *10.13*) echo pong ;; *) exit 7 ;; esac`)
    const { code, text } = await root.run(launcher)
    expect(code).toBe(78)
    expect(text).not.toContain('k3s was run')
    expect(statusOf(root)['error']).toMatch(
      /runs already, at https:\/\/192\.168\.10\.13:6443.*appliance replace/,
    )
    for (const line of root.read('asked')?.trim().split('\n') ?? []) expect(line).toContain('--cacert')
    root.shim('curl', 'exit 7')
    expect((await root.run(launcher)).text).toContain('k3s was run: server\n')
  })

  test('lifts a clock that is before the floor, and says so', async () => {
    root.shim(
      'date',
      `case "$*" in *"-s @"*) echo "$*" >"$APPLIANCE_ROOT/set-to" ;; "+%s") cat "$APPLIANCE_ROOT/clock" ;; *) exec /bin/date "$@" ;; esac
[ ! -e "$APPLIANCE_ROOT/set-to" ] || echo ${clockFloor} >"$APPLIANCE_ROOT/clock"`,
    )
    root.write('clock', '60\n')
    await root.run(launcher)
    expect(root.read('set-to')).toContain(`@${clockFloor}`)
    expect(root.console()).toContain('no time source')
    expect(statusOf(root)).toMatchObject({ phase: 'start', clock: 'floor' })
  })

  test('makes a dummy route where there is none', async () => {
    root.shim('ip', 'echo "$*" >>"$APPLIANCE_ROOT/ip-calls"')
    await root.run(launcher)
    expect(root.read('ip-calls')).toContain(
      'route replace default via 203.0.113.255 dev dummy0 metric 100000',
    )
    expect(root.console()).toContain('no default route')
    expect(statusOf(root)).toMatchObject({ phase: 'start' })
  })

  test('gives static addresses to the dummy interface while no cable is in', async () => {
    await root.run(launcher)
    const conf = root.read('var/lib/appliance/node.conf') ?? ''
    root.write(
      'var/lib/appliance/node.conf',
      conf.replace("ADDRESSES=''", "ADDRESSES='192.168.10.11/24 fd00::11/64'"),
    )
    root.shim('ip', 'echo "$*" >>"$APPLIANCE_ROOT/ip-calls"')
    await root.run(launcher)
    expect(root.read('ip-calls')).toContain('address replace 192.168.10.11/32 dev dummy0')
    expect(root.read('ip-calls')).toContain('address replace fd00::11/128 dev dummy0')
  })

  test('tells k3s the name of the interface with the hardware address of the cluster', async () => {
    await root.run(launcher)
    const planned = root.read('var/lib/appliance/k3s-config.yaml') ?? ''
    const conf = root.read('var/lib/appliance/node.conf') ?? ''
    root.write('var/lib/appliance/node.conf', `${conf}CLUSTER_MAC='02:00:5e:10:00:01'\n`)
    root.write('sys/class/net/lo/address', '02:00:5e:10:00:01\n')
    await root.run(launcher)
    expect(root.read('etc/rancher/k3s/config.yaml')).toBe(planned)
    expect(root.console()).toContain('no interface has the address 02:00:5e:10:00:01')
    root.write('sys/class/net/enp3s0/device/vendor', '')
    root.write('sys/class/net/enp3s0/address', '02:00:5e:10:00:01\n')
    await root.run(launcher)
    expect(root.read('etc/rancher/k3s/config.yaml')).toBe(`${planned}flannel-iface: enp3s0\n`)
    expect(statusOf(root)).toMatchObject({ phase: 'start' })
  })

  const vip = `${manifests}/appliance-vip-edge-1.yaml`
  const card = (name: string, carrier: number, mac = '02:00:5e:00:00:01'): void => {
    root.write(`sys/class/net/${name}/device/vendor`, '')
    root.write(`sys/class/net/${name}/carrier`, `${carrier}\n`)
    root.write(`sys/class/net/${name}/address`, `${mac}\n`)
  }
  const interfaceOfVip = async (): Promise<string | undefined> => {
    await root.run(launcher)
    return /^device: (.*)$/m.exec(root.read(vip) ?? '')?.[1]
  }

  test('the virtual address is on a wired interface, never on a dummy or the radio', async () => {
    await root.run(launcher)
    root.write('var/lib/appliance/vip.yaml', 'device: @INTERFACE@\n')
    root.write('sys/class/net/dummy0/carrier', '1\n')
    card('wlan0', 1)
    expect(await interfaceOfVip()).toBeUndefined()
    expect(root.console()).toContain('no interface for the virtual address')
    card('enp1s0', 0)
    expect(await interfaceOfVip()).toBe('enp1s0')
    expect(statSync(root.path(vip)).mode & 0o777).toBe(0o600)
    card('enp2s0', 1)
    expect(await interfaceOfVip()).toBe('enp2s0')
    const conf = root.read('var/lib/appliance/node.conf') ?? ''
    root.write(
      'var/lib/appliance/node.conf',
      conf.replace("ADDRESSES=''", "ADDRESSES='fd00::11/64 192.168.10.1/24'"),
    )
    card('enp3s0', 1)
    root.shim(
      'ip',
      `case "$*" in
        *"-4 route show default"*) echo "default via 10.0.0.1 dev eth0" ;;
        *"dev enp2s0"*) echo "3: enp2s0 inet 192.168.10.111/24 scope global enp2s0" ;;
        *"dev enp3s0"*) echo "4: enp3s0 inet 192.168.10.1/24 scope global enp3s0" ;;
      esac`,
    )
    expect(await interfaceOfVip()).toBe('enp3s0')
  })

  test('the virtual address is on the interface with the hardware address of the cluster', async () => {
    await root.run(launcher)
    root.write('var/lib/appliance/vip.yaml', 'device: @INTERFACE@\n')
    const conf = root.read('var/lib/appliance/node.conf') ?? ''
    root.write('var/lib/appliance/node.conf', `${conf}VIP_MAC='02:00:5e:00:00:02'\n`)
    card('enp1s0', 1)
    expect(await interfaceOfVip()).toBeUndefined()
    card('enp2s0', 0, '02:00:5e:00:00:02')
    expect(await interfaceOfVip()).toBe('enp2s0')
  })
})
