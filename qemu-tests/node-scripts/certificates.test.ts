import { execFileSync } from 'node:child_process'
import { existsSync, utimesSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeRoot } from './node-root.ts'
import { createNodeRoot, hasShell, shells, writePayload, writeSeed } from './node-root.ts'

const script = 'usr/lib/appliance/certificates'
const data = 'var/lib/rancher/k3s'
const admin = `${data}/server/tls/client-admin.crt`
const config = {
  kind: 'plain',
  mode: '0600',
  target: '/var/lib/appliance/k3s-config.yaml',
  content: 'server: "https://bakery-1.lan:6443"\n',
} as const

/** A certificate that ends in so many days. */
const certificate = (days: number): string =>
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-subj', '/CN=leaf', '-days', String(days), '-keyout', '/dev/null', '-out', '-'],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )

const prepare = async (root: NodeRoot, role: 'server' | 'agent'): Promise<void> => {
  writeSeed(root, [config], role)
  writePayload(root, {})
  await root.run('usr/lib/appliance/launcher')
  root.write('dev/console', '')
  root.shim('systemctl', 'case "$*" in *restart*) echo "$*" >>"$APPLIANCE_ROOT/restarts" ;; esac')
}

const restarts = (root: NodeRoot): readonly string[] =>
  (root.read('restarts') ?? '').split('\n').filter(Boolean)

describe.each(shells)('certificates under $name', (shell) => {
  let root: NodeRoot
  beforeEach(async (context) => {
    if (!hasShell(shell)) context.skip()
    root = createNodeRoot(shell)
    await prepare(root, 'server')
    root.write(admin, certificate(365))
  })
  afterEach(() => root?.remove())

  test('leaves k3s alone while every leaf lives long enough, whatever the authorities do', async () => {
    root.write(`${data}/server/tls/server-ca.crt`, certificate(10))
    root.write(`${data}/server/tls/server-ca.nochain.crt`, certificate(10))
    root.write(`${data}/server/tls/etcd/peer-ca.crt`, certificate(10))
    root.write(`${data}/server/tls/temporary-certs/apiserver-loopback-client__.crt`, certificate(10))
    root.write(`${data}/agent/client-ca.crt`, certificate(10))
    // A leaf is followed by its authorities.
    root.write(`${data}/server/tls/etcd/client.crt`, certificate(91) + certificate(10))
    expect(await root.run(script)).toEqual({ code: 0, text: '' })
    expect(restarts(root)).toEqual([])
  })

  test.each(['server/tls/client-admin.crt', 'server/tls/etcd/client.crt', 'agent/client-kubelet.crt'])(
    'restarts k3s once when %s ends soon, and says why',
    async (name) => {
      root.write(`${data}/${name}`, certificate(89))
      expect(await root.run(script)).toMatchObject({ code: 0 })
      expect(restarts(root)).toEqual(['--no-block restart k3s.service'])
      expect(root.console()).toMatch(
        new RegExp(`certificate ${name} ends on [0-9-]{10}: restarting k3s, which renews it`),
      )
      // k3s did not renew it: not one restart every day.
      await root.run(script)
      expect(restarts(root)).toHaveLength(1)
      expect(root.console()).toContain('a restart of k3s has not renewed it')
      // Another one is due: k3s gets its chance.
      root.write(`${data}/agent/client-kube-proxy.crt`, certificate(50))
      await root.run(script)
      expect(restarts(root)).toHaveLength(2)
      for (const renewed of [name, 'agent/client-kube-proxy.crt'])
        root.write(`${data}/${renewed}`, certificate(365))
      await root.run(script)
      expect(restarts(root)).toHaveLength(2)
      expect(existsSync(root.path('var/lib/appliance/stamps/certificates'))).toBe(false)
    },
  )

  test('never while k3s starts or is stopped', async () => {
    root.write(admin, certificate(1))
    root.shim(
      'systemctl',
      'case "$*" in *is-active*) exit 3 ;; *) echo "$*" >>"$APPLIANCE_ROOT/restarts" ;; esac',
    )
    expect(await root.run(script)).toEqual({ code: 0, text: '' })
    expect(restarts(root)).toEqual([])
  })

  test('an agent waits for a day on which a server answers', async () => {
    root.remove()
    root = createNodeRoot(shell)
    await prepare(root, 'agent')
    root.write(`${data}/agent/client-kubelet.crt`, certificate(30))
    root.shim('curl', 'echo "$*" >>"$APPLIANCE_ROOT/asked"; exit 7')
    await root.run(script)
    expect(restarts(root)).toEqual([])
    expect(root.console()).toContain('no server answers, so k3s is restarted another day')
    expect(root.read('asked')).toContain('agent/server-ca.crt https://bakery-1.lan:6443/ping')
    root.shim('curl', 'printf pong')
    await root.run(script)
    expect(restarts(root)).toHaveLength(1)
  })

  test('a certificate that cannot be read is said, and nothing is restarted', async () => {
    root.write(
      `${data}/agent/client-kubelet.crt`,
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    )
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expect(root.console()).toContain('warning: the certificates of k3s cannot be read')
    expect(restarts(root)).toEqual([])
  })

  test('status tells the earliest end, once k3s is ready, and anew after a renewal', async () => {
    root.write(`${data}/agent/client-kubelet.crt`, certificate(100))
    const end = async (): Promise<number> => {
      const { text } = await root.run('usr/bin/appliance', { args: ['status', '--json'] })
      const { certificatesEnd } = JSON.parse(text) as { certificatesEnd: string }
      return Math.round((Date.parse(certificatesEnd) - Date.now()) / 86_400_000)
    }
    expect(await end()).toBeNaN()
    await root.run('usr/lib/appliance/notice', { args: ['running'] })
    expect(await end()).toBe(100)
    const people = await root.run('usr/bin/appliance', { args: ['status'] })
    expect(people.text).toMatch(
      /^k3s certs +the first ends in \d+ days, on [0-9-]{10}: .*agent\/client-kubelet\.crt$/m,
    )
    root.write(`${data}/agent/client-kubelet.crt`, certificate(365))
    const soon = Date.now() / 1000 + 5
    utimesSync(root.path(`${data}/agent/client-kubelet.crt`), soon, soon)
    expect(await end()).toBe(365)
  })
})
