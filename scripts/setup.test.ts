import { execFile } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'setup-'))
  for (const name of ['scripts', 'fakes']) mkdirSync(join(root, name))
  cpSync(join(import.meta.dirname, 'setup.sh'), join(root, 'scripts/setup.sh'))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  fake('id', 'echo 0')
  fake('node', 'exit 0')
  fake('npm', 'echo "npm $*" >>"$LOG"; [ "$1" != ci ] || mkdir -p node_modules')
  fake('dpkg-query', 'for last; do :; done; grep -qx "$last" installed && echo installed')
  fake('apt-get', 'echo "apt-get $*" >>"$LOG"; [ ! -e broken ]')
  for (const name of ['systemctl', 'service']) fake(name, 'echo "stop $*" >>"$LOG"')
  installed('git')
})
afterEach(() => rmSync(root, { recursive: true }))

const fake = (name: string, script: string): void => {
  const path = join(root, 'fakes', name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

const installed = (...names: readonly string[]): void =>
  writeFileSync(join(root, 'installed'), names.map((name) => `${name}\n`).join(''))

const wanted = (...lines: readonly string[]): void =>
  writeFileSync(join(root, 'scripts/debian-packages.txt'), ['# a list', ...lines, ''].join('\n'))

const setup = async (): Promise<{
  readonly code: number
  readonly said: string
  readonly did: readonly string[]
}> => {
  const log = join(root, 'log')
  rmSync(log, { force: true })
  const env = { PATH: `${join(root, 'fakes')}:/usr/bin:/bin`, LOG: log }
  const { code, said } = await new Promise<{ code: number; said: string }>((resolve) => {
    const child = execFile('sh', [join(root, 'scripts/setup.sh')], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    )
  })
  return { code, said, did: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [] }
}

test('installs what is missing, removes nothing for it, and ends the services that came with it', async () => {
  wanted('git', 'zstd', 'etcd-server', 'docker-registry')
  const { code, did } = await setup()
  expect(code).toBe(0)
  expect(did[0]).toBe(
    'apt-get install --yes --no-remove --no-install-recommends zstd etcd-server docker-registry',
  )
  const stopped = did
    .filter((line) => line.startsWith('stop '))
    .map((line) => /etcd|docker-registry/.exec(line)?.[0])
  expect(stopped).toEqual(['etcd', 'docker-registry'])
})

test('a second run does nothing but build', async () => {
  wanted('git')
  await setup()
  expect((await setup()).did).toEqual(['npm run --silent build'])
})

test("a service that was there is left alone; Docker's containerd serves as well as Debian's", async () => {
  installed('git', 'postgresql', 'containerd.io')
  wanted('git', 'postgresql', 'containerd|containerd.io', 'zstd')
  const { did } = await setup()
  expect(did.filter((line) => line.startsWith('apt-get'))).toEqual([
    'apt-get install --yes --no-remove --no-install-recommends zstd',
  ])
  expect(did.filter((line) => line.startsWith('stop '))).toEqual([])
})

test('where apt cannot, it fetches the lists, tries again, and says what is missing', async () => {
  wanted('zstd', 'containerd|containerd.io')
  writeFileSync(join(root, 'broken'), '')
  const { code, said, did } = await setup()
  expect(code).toBe(3)
  expect(did.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'apt-get install',
    'apt-get update',
    'apt-get install',
  ])
  expect(said).toContain('setup: apt-get cannot install: zstd containerd\n')
})
