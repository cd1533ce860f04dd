import { chmodSync, existsSync, readlinkSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeRoot } from './node-root.ts'
import { createNodeRoot, hasShell, shells, writePayload, writeSeed } from './node-root.ts'
import {
  archives,
  config,
  createPreparedNode,
  images,
  launcher,
  manifests,
  statusOf,
} from './prepared-node.ts'

describe.each(shells)('launcher under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createPreparedNode(shell)
  })
  afterEach(() => root?.remove())

  test('installs, prepares and becomes k3s', async () => {
    const { code, text } = await root.run(launcher)
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
    await root.run(launcher)
    expect(statSync(root.path('var/lib/rancher/k3s/server/logs')).mode & 0o777).toBe(0o700)
  })

  test('when k3s is ready, its certificates are closed', async () => {
    await root.run(launcher)
    expect(statSync(root.path('var/lib/rancher/k3s/server')).mode & 0o777).toBe(0o700)
    expect(statSync(root.path('var/lib/rancher/k3s/server/logs')).mode & 0o777).toBe(0o700)
    root.write('var/lib/rancher/k3s/server/tls/etcd/client.crt', 'certificate\n', 0o644)
    await root.run('usr/lib/appliance/notice', { args: ['running'] })
    expect(statSync(root.path('var/lib/rancher/k3s/server/tls/etcd/client.crt')).mode & 0o777).toBe(0o600)
    expect(statusOf(root)).toMatchObject({ phase: 'running' })
  })

  test('takes digests once, and again after a change', async () => {
    await root.run(launcher)
    root.write(`${images}/.cache.json`, '{"seen":"a"}')
    await root.run(launcher)
    expect(statusOf(root)).toMatchObject({ payload: 'stamp' })
    expect(root.read(`${images}/.cache.json`)).toBe('{"seen":"a"}')
    utimesSync(root.path('payload/images/a.tar.zst'), 1, 1)
    await root.run(launcher)
    expect(statusOf(root)).toMatchObject({ payload: 'full' })
    expect(root.read(`${images}/.cache.json`)).toBe('{"seen":"a"}')
  })

  test('forgets what k3s knew of a former payload', async () => {
    await root.run(launcher)
    root.write(`${images}/.cache.json`, '{"seen":"a"}')
    symlinkSync('/srv/mine.tar', root.path(`${images}/mine.tar`))
    root.write(`${manifests}/mine.yaml`, 'kind: Mine\n')
    writePayload(root, { 'images/b.tar.zst': 'archive b', 'manifests/two.yaml': 'kind: Two\n' })
    await root.run(launcher)
    expect(root.read(`${images}/.cache.json`)).toBe('')
    expect(existsSync(root.path(`${images}/b.tar.zst`))).toBe(true)
    expect(() => readlinkSync(root.path(`${images}/a.tar.zst`))).toThrow()
    expect(readlinkSync(root.path(`${images}/mine.tar`))).toBe('/srv/mine.tar')
    expect(root.read(`${manifests}/one.yaml`)).toBeUndefined()
    expect(root.read(`${manifests}/two.yaml`)).toBe('kind: Two\n')
    expect(root.read(`${manifests}/mine.yaml`)).toBe('kind: Mine\n')
  })

  test('repairs a cache file that a power cut has left half', async () => {
    await root.run(launcher)
    root.write(`${images}/.cache.json`, '{"/var/lib/ranch')
    await root.run(launcher)
    expect(root.read(`${images}/.cache.json`)).toBe('')
  })

  test('refuses a payload with one flipped byte, says which, and does not start k3s', async () => {
    root.write('payload/images/a.tar.zst', 'archivE a')
    const { code, text } = await root.run(launcher)
    expect(code).toBe(78)
    expect(text).not.toContain('k3s was run')
    expect(root.console()).toContain('wrong digest of images/a.tar.zst')
    expect(statusOf(root)).toMatchObject({ phase: 'failed', payload: 'failed' })
    expect(statusOf(root)['error']).toContain('wrong digest of images/a.tar.zst')
  })

  test('refuses a payload that is not there', async () => {
    root.write('payload/SHA256SUMS', '')
    expect((await root.run(launcher)).code).toBe(78)
    expect(statusOf(root)['error']).toContain('payload partition is missing')
  })

  test('servers hand out the charts of the payload, and those alone', async () => {
    const charts = 'var/lib/rancher/k3s/server/static/charts'
    writePayload(root, { ...archives, 'charts/big-1.tgz': 'one' })
    root.write(`${charts}/traefik.tgz`, "k3s's own")
    await root.run(launcher)
    expect(readlinkSync(root.path(`${charts}/big-1.tgz`))).toBe(root.path('payload/charts/big-1.tgz'))
    expect(statSync(root.path('var/lib/rancher/k3s/server')).isDirectory()).toBe(true)
    writePayload(root, { ...archives, 'charts/big-2.tgz': 'two' })
    await root.run(launcher)
    expect(() => readlinkSync(root.path(`${charts}/big-1.tgz`))).toThrow()
    expect(root.read(`${charts}/big-2.tgz`)).toBe('two')
    expect(root.read(`${charts}/traefik.tgz`)).toBe("k3s's own")
  })

  test('an agent gets no manifests', async () => {
    root.remove()
    root = createNodeRoot(shell)
    writeSeed(root, [config], 'agent')
    writePayload(root, { ...archives, 'charts/big-1.tgz': 'one' })
    const { text } = await root.run(launcher)
    expect(text).toContain('k3s was run: agent\n')
    expect(existsSync(root.path(manifests))).toBe(false)
    expect(existsSync(root.path('var/lib/rancher/k3s/server'))).toBe(false)
  })

  test('without files from the seed it says why', async () => {
    root.remove()
    root = createNodeRoot(shell)
    writePayload(root, archives)
    expect((await root.run(launcher)).code).toBe(78)
    expect(statusOf(root)['error']).toContain('no readable seed partition')
  })
})
