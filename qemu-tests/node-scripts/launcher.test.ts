import { chmodSync, existsSync, readlinkSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { NodeRoot } from './node-root.ts'
import { clockFloor, createNodeRoot, hasShell, shells, writePayload, writeSeed } from './node-root.ts'

// Each test starts some hundred small programs: a busy machine needs more than vitest's five seconds.
vi.setConfig({ testTimeout: 60_000 })

const script = 'usr/lib/appliance/launcher'
const images = 'var/lib/rancher/k3s/agent/images'
const manifests = 'var/lib/rancher/k3s/server/manifests'
const archives = { 'images/a.tar.zst': 'archive a', 'manifests/one.yaml': 'kind: One\n' }
const config = {
  kind: 'plain',
  mode: '0600',
  target: '/var/lib/appliance/k3s-config.yaml',
  content: 'node-name: edge-1\n',
} as const

const statusOf = (root: NodeRoot): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (root.read('run/appliance/status') ?? '')
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

describe.each(shells)('launcher under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createNodeRoot(shell)
    writeSeed(root, [config])
    writePayload(root, archives)
  })
  afterEach(() => root?.remove())

  test('installs, prepares and becomes k3s', async () => {
    const { code, text } = await root.run(script)
    expect(text).toContain('k3s was run: server\n')
    expect(code).toBe(0)
    expect(root.read('etc/rancher/k3s/config.yaml')).toBe('node-name: edge-1\n')
    expect(statSync(root.path('etc/rancher/k3s/config.yaml')).mode & 0o777).toBe(0o600)
    expect(readlinkSync(root.path(`${images}/a.tar.zst`))).toBe(root.path('payload/images/a.tar.zst'))
    expect(root.read(`${images}/.cache.json`)).toBe('')
    expect(root.read(`${manifests}/one.yaml`)).toBe('kind: One\n')
    expect(statusOf(root)).toMatchObject({ phase: 'start', payload: 'full', error: '' })
    expect(root.read('run/appliance/exec-uptime')).toBe('12.34\n')
    const lines = root.console().split('\r\n').filter(Boolean)
    expect(lines.every((line) => line.startsWith('appliance: edge-1: '))).toBe(true)
    expect(lines.at(-1)).toBe('appliance: edge-1: starting k3s server')
  })

  test('a server has closed folders for what the API server keeps', async () => {
    root.write('var/lib/rancher/k3s/server/logs/audit.log', '')
    chmodSync(root.path('var/lib/rancher/k3s/server/logs'), 0o744)
    await root.run(script)
    expect(statSync(root.path('var/lib/rancher/k3s/server/logs')).mode & 0o777).toBe(0o700)
  })

  test('when k3s is ready, its certificates are closed', async () => {
    await root.run(script)
    expect(statSync(root.path('var/lib/rancher/k3s/server')).mode & 0o777).toBe(0o700)
    expect(statSync(root.path('var/lib/rancher/k3s/server/logs')).mode & 0o777).toBe(0o700)
    root.write('var/lib/rancher/k3s/server/tls/etcd/client.crt', 'certificate\n', 0o644)
    await root.run('usr/lib/appliance/notice', { args: ['running'] })
    expect(statSync(root.path('var/lib/rancher/k3s/server/tls/etcd/client.crt')).mode & 0o777).toBe(0o600)
    expect(statusOf(root)).toMatchObject({ phase: 'running' })
  })

  const joiner = { ...config, content: 'server: https://192.168.10.11:6443\nnode-name: edge-2\n' }
  const asked = 'echo "$*" >>"$APPLIANCE_ROOT/asked"'

  test('a server that joins waits until somebody answers there', async () => {
    writeSeed(root, [joiner], 'server', { first: false })
    root.shim('curl', `${asked}; [ "$(grep -c . "$APPLIANCE_ROOT/asked")" -lt 4 ] || echo pong`)
    const { text } = await root.run(script)
    expect(text).toContain('k3s was run: server\n')
    expect(root.read('asked')?.trim().split('\n')).toHaveLength(4)
    expect(root.read('asked')).toContain('https://192.168.10.11:6443/ping')
    expect(root.console()).toContain('waiting for the cluster at https://192.168.10.11:6443')
    expect(statusOf(root)).toMatchObject({ phase: 'start', error: '' })
  })

  test('it does not wait for ever, and not at all once it is a member', async () => {
    writeSeed(root, [joiner], 'server', { first: false })
    root.shim('curl', `${asked}; exit 7`)
    expect((await root.run(script)).text).toContain('k3s was run: server\n')
    expect(root.read('asked')?.trim().split('\n')).toHaveLength(120)
    root.write('asked', '')
    root.write('var/lib/rancher/k3s/server/db/etcd/member/wal', '')
    expect((await root.run(script)).text).toContain('k3s was run: server\n')
    expect(root.read('asked')).toBe('')
  })

  test('a card that starts the cluster does not start a second one beside it', async () => {
    writeSeed(root, [config], 'server', { peers: 'https://192.168.10.12:6443 https://192.168.10.13:6443' })
    root.shim('curl', `${asked}; case "$*" in *10.13*) echo pong ;; *) exit 7 ;; esac`)
    const { code, text } = await root.run(script)
    expect(code).toBe(78)
    expect(text).not.toContain('k3s was run')
    expect(statusOf(root)['error']).toMatch(
      /runs already, at https:\/\/192\.168\.10\.13:6443.*appliance replace/,
    )
    for (const line of root.read('asked')?.trim().split('\n') ?? []) expect(line).toContain('--cacert')
    root.shim('curl', 'exit 7')
    expect((await root.run(script)).text).toContain('k3s was run: server\n')
  })

  test('takes digests once, and again after a change', async () => {
    await root.run(script)
    root.write(`${images}/.cache.json`, '{"seen":"a"}')
    await root.run(script)
    expect(statusOf(root)).toMatchObject({ payload: 'stamp' })
    expect(root.read(`${images}/.cache.json`)).toBe('{"seen":"a"}')
    utimesSync(root.path('payload/images/a.tar.zst'), 1, 1)
    await root.run(script)
    expect(statusOf(root)).toMatchObject({ payload: 'full' })
    expect(root.read(`${images}/.cache.json`)).toBe('{"seen":"a"}')
  })

  test('forgets what k3s knew of a former payload', async () => {
    await root.run(script)
    root.write(`${images}/.cache.json`, '{"seen":"a"}')
    symlinkSync('/srv/mine.tar', root.path(`${images}/mine.tar`))
    root.write(`${manifests}/mine.yaml`, 'kind: Mine\n')
    writePayload(root, { 'images/b.tar.zst': 'archive b', 'manifests/two.yaml': 'kind: Two\n' })
    await root.run(script)
    expect(root.read(`${images}/.cache.json`)).toBe('')
    expect(existsSync(root.path(`${images}/b.tar.zst`))).toBe(true)
    expect(() => readlinkSync(root.path(`${images}/a.tar.zst`))).toThrow()
    expect(readlinkSync(root.path(`${images}/mine.tar`))).toBe('/srv/mine.tar')
    expect(root.read(`${manifests}/one.yaml`)).toBeUndefined()
    expect(root.read(`${manifests}/two.yaml`)).toBe('kind: Two\n')
    expect(root.read(`${manifests}/mine.yaml`)).toBe('kind: Mine\n')
  })

  test('repairs a cache file that a power cut has left half', async () => {
    await root.run(script)
    root.write(`${images}/.cache.json`, '{"/var/lib/ranch')
    await root.run(script)
    expect(root.read(`${images}/.cache.json`)).toBe('')
  })

  test('refuses a payload with one flipped byte, says which, and does not start k3s', async () => {
    root.write('payload/images/a.tar.zst', 'archivE a')
    const { code, text } = await root.run(script)
    expect(code).toBe(78)
    expect(text).not.toContain('k3s was run')
    expect(root.console()).toContain('wrong digest of images/a.tar.zst')
    expect(statusOf(root)).toMatchObject({ phase: 'failed', payload: 'failed' })
    expect(statusOf(root)['error']).toContain('wrong digest of images/a.tar.zst')
  })

  test('refuses a payload that is not there', async () => {
    root.write('payload/SHA256SUMS', '')
    expect((await root.run(script)).code).toBe(78)
    expect(statusOf(root)['error']).toContain('payload partition is missing')
  })

  test('lifts a clock that is before the floor, and says so', async () => {
    root.shim(
      'date',
      `case "$*" in *"-s @"*) echo "$*" >"$APPLIANCE_ROOT/set-to" ;; "+%s") cat "$APPLIANCE_ROOT/clock" ;; *) exec /bin/date "$@" ;; esac
[ ! -e "$APPLIANCE_ROOT/set-to" ] || echo ${clockFloor} >"$APPLIANCE_ROOT/clock"`,
    )
    root.write('clock', '60\n')
    await root.run(script)
    expect(root.read('set-to')).toContain(`@${clockFloor}`)
    expect(root.console()).toContain('no time source')
    expect(statusOf(root)).toMatchObject({ phase: 'start', clock: 'floor' })
  })

  test('makes a dummy route where there is none', async () => {
    root.shim('ip', 'echo "$*" >>"$APPLIANCE_ROOT/ip-calls"')
    await root.run(script)
    expect(root.read('ip-calls')).toContain(
      'route replace default via 203.0.113.255 dev dummy0 metric 100000',
    )
    expect(root.console()).toContain('no default route')
    expect(statusOf(root)).toMatchObject({ phase: 'start' })
  })

  test('gives static addresses to the dummy interface while no cable is in', async () => {
    await root.run(script)
    const conf = root.read('var/lib/appliance/node.conf') ?? ''
    root.write(
      'var/lib/appliance/node.conf',
      conf.replace("ADDRESSES=''", "ADDRESSES='192.168.10.11/24 fd00::11/64'"),
    )
    root.shim('ip', 'echo "$*" >>"$APPLIANCE_ROOT/ip-calls"')
    await root.run(script)
    expect(root.read('ip-calls')).toContain('address replace 192.168.10.11/32 dev dummy0')
    expect(root.read('ip-calls')).toContain('address replace fd00::11/128 dev dummy0')
  })

  test('tells k3s the name of the interface with the hardware address of the cluster', async () => {
    await root.run(script)
    const planned = root.read('var/lib/appliance/k3s-config.yaml') ?? ''
    const conf = root.read('var/lib/appliance/node.conf') ?? ''
    root.write('var/lib/appliance/node.conf', `${conf}CLUSTER_MAC='02:00:5e:10:00:01'\n`)
    root.write('sys/class/net/lo/address', '02:00:5e:10:00:01\n')
    await root.run(script)
    expect(root.read('etc/rancher/k3s/config.yaml')).toBe(planned)
    expect(root.console()).toContain('no interface has the address 02:00:5e:10:00:01')
    root.write('sys/class/net/enp3s0/device/vendor', '')
    root.write('sys/class/net/enp3s0/address', '02:00:5e:10:00:01\n')
    await root.run(script)
    expect(root.read('etc/rancher/k3s/config.yaml')).toBe(`${planned}flannel-iface: enp3s0\n`)
    expect(statusOf(root)).toMatchObject({ phase: 'start' })
  })

  test('servers hand out the charts of the payload, and those alone', async () => {
    const charts = 'var/lib/rancher/k3s/server/static/charts'
    writePayload(root, { ...archives, 'charts/big-1.tgz': 'one' })
    root.write(`${charts}/traefik.tgz`, "k3s's own")
    await root.run(script)
    expect(readlinkSync(root.path(`${charts}/big-1.tgz`))).toBe(root.path('payload/charts/big-1.tgz'))
    expect(statSync(root.path('var/lib/rancher/k3s/server')).isDirectory()).toBe(true)
    writePayload(root, { ...archives, 'charts/big-2.tgz': 'two' })
    await root.run(script)
    expect(() => readlinkSync(root.path(`${charts}/big-1.tgz`))).toThrow()
    expect(root.read(`${charts}/big-2.tgz`)).toBe('two')
    expect(root.read(`${charts}/traefik.tgz`)).toBe("k3s's own")
  })

  test('an agent gets no manifests', async () => {
    root.remove()
    root = createNodeRoot(shell)
    writeSeed(root, [config], 'agent')
    writePayload(root, { ...archives, 'charts/big-1.tgz': 'one' })
    const { text } = await root.run(script)
    expect(text).toContain('k3s was run: agent\n')
    expect(existsSync(root.path(manifests))).toBe(false)
    expect(existsSync(root.path('var/lib/rancher/k3s/server'))).toBe(false)
  })

  test('without files from the seed it says why', async () => {
    root.remove()
    root = createNodeRoot(shell)
    writePayload(root, archives)
    expect((await root.run(script)).code).toBe(78)
    expect(statusOf(root)['error']).toContain('no readable seed partition')
  })
})

const waiting = 'Waiting to retrieve agent configuration; server is not ready: '
const hash = 'a'.repeat(64)
const refusals = [
  {
    name: 'a wrong hash',
    line: `Failed to validate connection to cluster at https://x:6443: token CA hash does not match the Cluster CA certificate hash: ${hash} != ${'b'.repeat(64)}`,
    token: `K10${hash}::node:secret`,
    meaning:
      'the cluster that answers has another CA than the one this image was built for: check the address of the server, or build this node again from the state of that cluster',
  },
  {
    name: 'a taken name',
    line: `${waiting}/var/lib/rancher/k3s/agent/serving-kubelet.crt: Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry`,
    token: `K10${hash}::node:secret`,
    meaning:
      'another machine has joined as edge-1: give this one another name and build it again, or, if it replaces the other, run `kubectl delete node edge-1`',
  },
  {
    name: 'an etcd member of that name',
    line: 'ETCD join failed: duplicate node name found, please use a unique name for this node',
    token: `K10${hash}::server:secret`,
    meaning:
      'etcd has a member named edge-1 already: give this machine another name and build it again, or, if it replaces the other, run `kubectl delete node edge-1`',
  },
  {
    name: 'a datastore of another cluster',
    line: 'preparing server: failed to bootstrap cluster data: bootstrap data already found and encrypted with different token',
    token: `K10${hash}::server:secret`,
    meaning:
      'the datastore is of another cluster, or its server token was changed: use an empty database, or build this node again from the state of that cluster',
  },
  ...[
    'FATAL: password authentication failed for user kine (SQLSTATE 28P01)',
    "Error 1045 (28000): Access denied for user 'kine'@'192.168.10.11' (using password: YES)",
    'FATAL: connection requires a valid client certificate (SQLSTATE 28000)',
  ].map((answer) => ({
    name: `a login that the datastore refuses (${answer})`,
    line: `preparing server: failed to bootstrap cluster data: creating storage endpoint: building kine: ${answer}`,
    token: `K10${hash}::server:secret`,
    meaning:
      'the datastore does not let this server in: user, password or client certificate differ from what it expects',
  })),
  {
    name: 'a certificate of the datastore that cannot be checked',
    line: 'preparing server: failed to bootstrap cluster data: creating storage endpoint: building kine: x509: certificate signed by unknown authority',
    token: `K10${hash}::server:secret`,
    meaning:
      'the certificate of the datastore is not what this server expects: look at its end, its names and the authority that signed it',
  },
  ...['not authorized', 'https://127.0.0.1:6444/v1-k3s/config: 401 Unauthorized'].flatMap((answer) => [
    {
      name: `a wrong token (${answer})`,
      line: `${waiting}failed to retrieve configuration from server: ${answer}`,
      token: `K10${hash}::node:secret`,
      meaning:
        "the server does not take this node's token: it was changed there, or this image is of another cluster; build this node again from the state of that cluster",
    },
    {
      name: `a bootstrap token that has expired (${answer})`,
      line: `${waiting}failed to retrieve configuration from server: ${answer}`,
      token: `K10${hash}::abcdef.0123456789abcdef`,
      meaning:
        "the server does not take this node's bootstrap token: it has expired, was deleted, or is of another cluster; build this node again with a later end",
    },
  ]),
]

describe.each(shells)('status under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createNodeRoot(shell)
    writeSeed(root, [config])
    writePayload(root, archives)
  })
  afterEach(() => root?.remove())

  test('tells phase, error and next try, for people and for programs', async () => {
    root.write('payload/images/a.tar.zst', 'a "bad" one')
    await root.run(script)
    root.shim(
      'systemctl',
      'printf "ActiveState=activating\\nSubState=auto-restart\\nNRestarts=3\\nRestartUSecNext=10s\\n"',
    )
    const people = await root.run('usr/bin/appliance', { args: ['status'] })
    expect(people.text).toMatch(/^node +edge-1 \(server of cluster edge\)$/m)
    expect(people.text).toMatch(/^next try +in 10s$/m)
    const { text } = await root.run('usr/bin/appliance', { args: ['status', '--json'] })
    const status: unknown = JSON.parse(text)
    expect(status).toMatchObject({ node: 'edge-1', phase: 'failed', retryIn: '10s', restarts: '3' })
    expect(status).toHaveProperty('error', expect.stringContaining('images/a.tar.zst'))
  })

  test.each(refusals)('$name: told with what it means', async ({ line, token, meaning }) => {
    await root.run(script)
    root.write('var/lib/appliance/secrets/token', `${token}\n`)
    const quoted = JSON.stringify(line)
    const level = /^(Failed|ETCD|preparing)/.test(line) ? 'error' : 'info'
    root.write(
      'journal',
      `time="2026-01-01T00:00:00Z" level=info msg="x"\ntime="2026-01-01T00:00:00Z" level=${level} msg=${quoted}\n`,
    )
    root.shim('journalctl', 'cat "$APPLIANCE_ROOT/journal"')
    const watch = () => root.run('usr/lib/appliance/notice', { args: ['watch'] })
    await watch()
    expect(statusOf(root)['phase']).toBe('refused')
    expect(statusOf(root)['error']).toBe(`${meaning} (k3s: ${line})`)
    expect(root.console()).toContain(`the cluster refuses this node: ${meaning} (k3s: ${line})\r\n`)
    const { text } = await root.run('usr/bin/appliance', { args: ['status', '--json'] })
    expect(JSON.parse(text)).toMatchObject({ phase: 'refused', error: `${meaning} (k3s: ${line})` })
    const once = root.console()
    await watch()
    expect(root.console()).toBe(once)
    // It is let in: k3s no longer says so, and is ready in the end.
    root.write('journal', '')
    await watch()
    expect(statusOf(root)).toMatchObject({ phase: 'start', error: '' })
    await root.run('usr/lib/appliance/notice', { args: ['running'] })
    expect(statusOf(root)).toMatchObject({ phase: 'running', error: '' })
  })

  test('k3s that gets ready while the journal is read stays ready', async () => {
    await root.run(script)
    const [{ line } = { line: '' }] = refusals
    root.write('journal', `time="x" level=error msg="${line}"\n`)
    root.shim(
      'journalctl',
      '"$APPLIANCE_ROOT/usr/lib/appliance/notice" running; cat "$APPLIANCE_ROOT/journal"',
    )
    await root.run('usr/lib/appliance/notice', { args: ['watch'] })
    expect(statusOf(root)).toMatchObject({ phase: 'running', error: '' })
  })

  test('an error that is no refusal is told as it is', async () => {
    await root.run(script)
    const line = 'Failed to validate connection to cluster at https://x:6443: failed to get CA certs: EOF'
    root.shim('journalctl', `echo 'time="2026-01-01T00:00:00Z" level=error msg="${line}"'`)
    await root.run('usr/lib/appliance/notice', { args: ['watch'] })
    expect(statusOf(root)).toMatchObject({ phase: 'start', error: line })
    expect(root.console()).toContain(`k3s is still starting; its last error: ${line}`)
  })

  test('a crash of k3s is told with its last words', async () => {
    await root.run(script)
    root.shim('journalctl', `echo 'time="2026-01-01T00:00:00Z" level=fatal msg="no default routes found"'`)
    await root.run('usr/lib/appliance/notice', {
      args: ['stopped'],
      env: { SERVICE_RESULT: 'exit-code', EXIT_CODE: 'exited', EXIT_STATUS: '1', INVOCATION_ID: 'x' },
    })
    expect(statusOf(root)['error']).toBe('k3s ended (exited 1): no default routes found')
  })

  test('refuses unknown words', async () => {
    expect((await root.run('usr/bin/appliance', { args: ['reboot'] })).code).toBe(2)
    expect((await root.run('usr/bin/appliance', { args: ['status', '--yaml'] })).code).toBe(2)
  })
})
