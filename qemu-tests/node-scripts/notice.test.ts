import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeRoot } from './node-root.ts'
import { hasShell, shells } from './node-root.ts'
import { createPreparedNode, launcher, statusOf } from './prepared-node.ts'

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
    name: 'a clock that is behind',
    line: 'Failed to validate connection to cluster at https://x:6443: CA cert validation failed: Get "https://127.0.0.1:6444/cacerts": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-26T09:00:00Z is before 2026-11-26T10:33:00Z',
    token: `K10${hash}::node:secret`,
    meaning:
      'the clock of this node is behind that of its server, whose certificate begins later: the node joins when its clock is right; give it a time server (site.ntp)',
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
  ...[
    'preparing server: failed to bootstrap cluster data: creating storage endpoint: building kine: x509: certificate signed by unknown authority',
    'Failed to ping database connection: failed to connect to `user=kine database=kine`: 192.168.10.9:5432 (192.168.10.9): tls error: tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ].map((line) => ({
    name: `a certificate of the datastore that cannot be checked (${line.slice(0, 16)})`,
    line,
    token: `K10${hash}::server:secret`,
    meaning:
      'the certificate of the datastore is not what this server expects: look at its end, its names and the authority that signed it',
  })),
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
    root = createPreparedNode(shell)
  })
  afterEach(() => root?.remove())

  test('tells phase, error and next try, for people and for programs', async () => {
    root.write('payload/images/a.tar.zst', 'a "bad" one')
    await root.run(launcher)
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
    await root.run(launcher)
    root.write('var/lib/appliance/secrets/token', `${token}\n`)
    root.write('proc/uptime', '200.00 20.00\n')
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

  test.each([
    ['forbidden', 'abcdef.0123456789abcdef', 'start'],
    ['not authorized', 'abcdef.0123456789abcdef', 'start'],
    ['not authorized', 'node:secret', 'refused'],
    ['Node password rejected, duplicate hostname', 'abcdef.0123456789abcdef', 'refused'],
  ])('%s, soon after the start, with %s: %s', async (answer, token, phase) => {
    await root.run(launcher)
    root.write('var/lib/appliance/secrets/token', `K10${hash}::${token}\n`)
    root.write('proc/uptime', '100.00 20.00\n')
    const line = `${waiting}failed to retrieve configuration from server: ${answer}`
    root.shim('journalctl', `echo 'time="2026-01-01T00:00:00Z" level=info msg="${line}"'`)
    const watch = () => root.run('usr/lib/appliance/notice', { args: ['watch'] })
    await watch()
    expect(statusOf(root)['phase']).toBe(phase)
    if (phase === 'start') {
      expect(root.console()).toContain(`k3s is still starting; its last error: ${line}\r\n`)
      // No server knows it in three minutes either.
      root.write('proc/uptime', '200.00 20.00\n')
      await watch()
      expect(statusOf(root)['phase']).toBe('refused')
      root.write('proc/uptime', '201.00 20.00\n')
      await watch()
      expect(statusOf(root)['phase']).toBe('refused')
    }
  })

  test('what k3s logs as errors at every start is none', async () => {
    await root.run(launcher)
    const lines = [
      'level=error msg="Sending HTTP/1.1 503 response to 127.0.0.1:43718: runtime core not ready"',
      'level=error msg="Failed to authenticate request from 192.168.10.14:49028: invalid bearer token"',
      'level=error msg="Sending HTTP/1.1 401 response to 192.168.10.14:49028: not authorized"',
      'level=error msg="Error while syncing ConfigMap" error="namespaces \\"kube-system\\" not found" logger=k3s/UnhandledError',
      'level=error msg="skipping content that cant be converted to reference" error="x" logger=k3s/spegel',
    ]
    root.write('journal', lines.map((line) => `time="2026-01-01T00:00:00Z" ${line}\n`).join(''))
    root.shim('journalctl', 'cat "$APPLIANCE_ROOT/journal"')
    await root.run('usr/lib/appliance/notice', { args: ['watch'] })
    expect(statusOf(root)).toMatchObject({ phase: 'start', error: '' })
    expect(root.console()).not.toContain('last error')
  })

  test('k3s that gets ready while the journal is read stays ready', async () => {
    await root.run(launcher)
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
    await root.run(launcher)
    const line = 'Failed to validate connection to cluster at https://x:6443: failed to get CA certs: EOF'
    root.shim('journalctl', `echo 'time="2026-01-01T00:00:00Z" level=error msg="${line}"'`)
    await root.run('usr/lib/appliance/notice', { args: ['watch'] })
    expect(statusOf(root)).toMatchObject({ phase: 'start', error: line })
    expect(root.console()).toContain(`k3s is still starting; its last error: ${line}`)
  })

  test('a crash of k3s is told with its last words', async () => {
    await root.run(launcher)
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
