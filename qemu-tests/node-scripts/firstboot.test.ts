import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeRoot, SeedFile } from './node-root.ts'
import { clockFloor, createNodeRoot, hasShell, shells, writeSeed } from './node-root.ts'

const tls = '/var/lib/rancher/k3s/server/tls'
const files: readonly SeedFile[] = [
  {
    kind: 'plain',
    mode: '0600',
    target: '/var/lib/appliance/k3s-config.yaml',
    content: 'node-name: edge-1\n',
  },
  { kind: 'secret', mode: '0600', target: '/etc/rancher/node/password', content: 'pass-word-of-the-node\n' },
  { kind: 'secret', mode: '0600', target: `${tls}/server-ca.key`, content: 'the key of the authority\n' },
  { kind: 'plain', mode: '0644', target: `${tls}/server-ca.crt`, content: 'a certificate\n' },
]
const restore = '/var/lib/appliance/restore'
const datastore = '/var/lib/rancher/k3s/server/db'
const backup: readonly SeedFile[] = [
  { kind: 'secret', mode: '0600', target: `${restore}/state.db`, content: 'a datastore\n' },
  { kind: 'secret', mode: '0600', target: `${restore}/state.db-wal`, content: 'its log\n' },
]
const script = 'usr/lib/appliance/firstboot'
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

const expectInstalled = (root: NodeRoot): void => {
  for (const { target, content, mode } of files) {
    expect(root.read(target), target).toBe(content)
    expect(`0${modeOf(root.path(target))}`, target).toBe(mode)
  }
}

const expectRestored = (root: NodeRoot): void => {
  for (const { target, content } of backup) {
    const placed = target.replace(restore, datastore)
    expect(root.read(placed), placed).toBe(content)
    expect(modeOf(root.path(placed)), placed).toBe('600')
  }
  expect(modeOf(root.path(datastore))).toBe('700')
  expect(existsSync(root.path(restore))).toBe(false)
}

const expectWiped = (root: NodeRoot): void => {
  for (const [number, { kind, content }] of files.entries()) {
    const left = root.read(`run/appliance/seed/appliance/files/${number}`)
    expect(left).toBe(kind === 'secret' ? '\0'.repeat(content.length) : content)
  }
  expect(root.read('run/appliance/seed/appliance/installed')).toBeDefined()
}

describe.each(shells)('firstboot under $name', (shell) => {
  let root: NodeRoot
  beforeEach((context) => {
    if (!hasShell(shell)) context.skip()
    root = createNodeRoot(shell)
  })
  afterEach(() => root?.remove())

  test('places every file, wipes the secrets, and does nothing the second time', async () => {
    const id = writeSeed(root, files)
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expectInstalled(root)
    expectWiped(root)
    expect(root.read('var/lib/appliance/stamps/seed')).toBe(`${id}\n`)
    expect(root.read('var/lib/cloud/seed/nocloud/meta-data')).toBe('meta-data\n')
    expect(modeOf(root.path(tls))).toBe('700')
    expect(modeOf(root.path('etc/rancher/node'))).toBe('700')
    expect(statSync(root.path(`${tls}/server-ca.key`)).mtimeMs).toBe(clockFloor * 1000)
    const hostKey = root.read('etc/ssh/ssh_host_ed25519_key')
    expect(hostKey).toBeDefined()
    expect(await root.run(script)).toEqual({ code: 0, text: '' })
    expect(root.read('etc/ssh/ssh_host_ed25519_key')).toBe(hostKey)
  })

  test('names the damaged file and installs nothing under its name', async () => {
    writeSeed(root, files)
    root.write('run/appliance/seed/appliance/files/1', 'pass-word-of-the-nodE\n')
    const { code } = await root.run(script)
    expect(code).toBe(1)
    expect(root.console()).toContain('file 1 on the seed is damaged (for /etc/rancher/node/password)')
    expect(root.read('etc/rancher/node/password')).toBeUndefined()
    expect(root.read('run/appliance/status')).toContain('phase=failed')
    // The secrets are still there for the next try.
    expect(root.read('run/appliance/seed/appliance/files/2')).toBe('the key of the authority\n')
  })

  test('a used seed on an empty disk is told from a damaged one', async () => {
    writeSeed(root, files)
    await root.run(script)
    for (const name of ['var', 'etc/rancher']) rmSync(root.path(name), { recursive: true })
    const { code } = await root.run(script)
    expect(code).toBe(1)
    expect(root.console()).toContain('have been used up')
  })

  test('a replaced seed is applied, and what it lacks is removed', async () => {
    writeSeed(root, files)
    await root.run(script)
    const config: SeedFile = {
      kind: 'plain',
      mode: '0600',
      target: '/var/lib/appliance/k3s-config.yaml',
      content: 'node-name: edge-2\n',
    }
    writeSeed(root, [config], 'agent')
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expect(root.read('var/lib/appliance/k3s-config.yaml')).toBe('node-name: edge-2\n')
    expect(root.read(`${tls}/server-ca.key`)).toBeUndefined()
    expect(root.read('var/lib/appliance/node.conf')).toContain("ROLE='agent'")
  })

  test('a seed that cannot be read stops a new node and not an installed one', async () => {
    expect((await root.run(script)).code).toBe(1)
    writeSeed(root, files)
    await root.run(script)
    rmSync(root.path('run/appliance/disk/seed'))
    expect((await root.run(script)).code).toBe(0)
    expect(root.console()).toContain('going on with what was installed')
  })

  test('a datastore begins with the copy on the seed, which is then wiped', async () => {
    writeSeed(root, [...files, ...backup])
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expectRestored(root)
    expect(root.console()).toContain('the datastore begins with the copy on the seed')
    for (const number of [files.length, files.length + 1])
      expect(root.read(`run/appliance/seed/appliance/files/${number}`)).toMatch(/^\0+$/)
    expect(await root.run(script)).toEqual({ code: 0, text: '' })
  })

  test.each(['state.db', 'etcd/name'])('a node that has a datastore keeps it: %s', async (name) => {
    root.write(`var/lib/rancher/k3s/server/db/${name}`, 'newer than any copy')
    writeSeed(root, [...files, ...backup])
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expect(root.read(`var/lib/rancher/k3s/server/db/${name}`)).toBe('newer than any copy')
    expect(root.read('var/lib/rancher/k3s/server/db/state.db-wal')).toBeUndefined()
    expect(root.read('var/lib/appliance/restore/state.db')).toBeUndefined()
    expect(root.console()).toContain('this disk has a datastore already')
  })

  test('the log of a copy that was never applied does not get to another one', async () => {
    root.write('var/lib/appliance/restore/state.db-wal', 'of another copy')
    writeSeed(root, [...files, ...backup.slice(0, 1)])
    expect(await root.run(script)).toMatchObject({ code: 0 })
    expect(root.read(`${datastore}/state.db`)).toBe('a datastore\n')
    expect(root.read(`${datastore}/state.db-wal`)).toBeUndefined()
  })

  test('a copied datastore is there whole or not at all, when it is cut off at any step', async () => {
    writeSeed(root, [...files, ...backup])
    cutAt(root, 1_000_000)
    await root.run(script)
    const steps = Number(root.read('count'))
    for (let cut = 1; cut <= steps; cut += Math.ceil(steps / 6)) {
      root.remove()
      root = createNodeRoot(shell)
      writeSeed(root, [...files, ...backup])
      cutAt(root, cut)
      await root.run(script)
      const found = backup.map(({ target }) => root.read(target.replace(restore, datastore)))
      expect(
        [backup.map(() => undefined), backup.map(({ content }) => content)],
        `after step ${cut}`,
      ).toContainEqual(found)
      uncut(root)
      expect(await root.run(script), `run after step ${cut}`).toMatchObject({ code: 0 })
      expectRestored(root)
    }
  }, 180_000)

  test('loses nothing when it is cut off at any step', async () => {
    const steps = await countSteps(root)
    expect(steps).toBeGreaterThan(20)
    // Every program that changes something is a place where the power may go; a dozen of them keep the test short.
    for (let cut = 1; cut <= steps; cut += Math.ceil(steps / 12)) {
      root.remove()
      root = createNodeRoot(shell)
      writeSeed(root, files)
      cutAt(root, cut)
      await root.run(script)
      for (const { target, content } of files) {
        expect([undefined, content], `${target} after step ${cut}`).toContain(root.read(target))
      }
      uncut(root)
      expect(await root.run(script), `run after step ${cut}`).toMatchObject({ code: 0 })
      expectInstalled(root)
      expectWiped(root)
    }
  }, 180_000)
})

const changing = ['cat', 'chmod', 'install', 'mkdir', 'mv', 'rm', 'shred', 'touch'] as const

/** Programs that count their calls and, at the wanted one, kill the script that called them, before or half-way through. */
const cutAt = (root: NodeRoot, step: number): void => {
  root.write('count', '0\n')
  for (const name of changing) {
    const real = execFileSync('sh', ['-c', `command -v ${name}`])
      .toString()
      .trim()
    root.shim(
      name,
      `n=$(($(${'/bin/cat'} "$APPLIANCE_ROOT/count") + 1)); echo $n >"$APPLIANCE_ROOT/count"
if [ $n -ge ${step} ]; then
  ${name === 'cat' ? 'printf half' : ':'}
  kill -9 $PPID
  # Subshells and pipes of the script go with it: nothing may change any more.
  exit 137
fi
exec ${real} "$@"`,
    )
  }
}

const uncut = (root: NodeRoot): void => {
  for (const name of changing) rmSync(root.path(`shims/${name}`), { force: true })
}

const countSteps = async (root: NodeRoot): Promise<number> => {
  writeSeed(root, files)
  cutAt(root, 1_000_000)
  await root.run(script)
  return Number(root.read('count'))
}
