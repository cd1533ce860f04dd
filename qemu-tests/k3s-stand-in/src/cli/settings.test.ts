import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readConfigArguments } from './config-file.ts'
import { findDataDirectory } from './data-directory.ts'
import { maskedArguments, readSettings } from './settings.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
  vi.restoreAllMocks()
})

function write(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return join(folder, 'config.yaml')
}

test('no file gives no arguments', () => {
  expect(readConfigArguments(join(folder, 'config.yaml'))).toEqual([])
})

test('a later file replaces a key, and appends with a plus', () => {
  const file = write({
    'config.yaml': 'node-label: [a=1]\ntoken: one\ntls-san: x\n',
    'config.yaml.d/20.yaml': 'node-label+: b=2\n',
    'config.yaml.d/10.yml': 'token: two\ntls-san+: [z]\n',
    'config.yaml.d/30.txt': 'token: three\n',
    'config.yaml.d/sub/40.yaml': 'token: four\n',
  })
  expect(readConfigArguments(file)).toEqual([
    '--node-label=a=1',
    '--node-label=b=2',
    '--token=two',
    '--tls-san=x',
    '--tls-san=z',
  ])
})

test('drop-in files are read without a main file', () => {
  expect(readConfigArguments(write({ 'config.yaml.d/a.yaml': 'v: 2\n' }).replace(/$/, ''))).toEqual(['-v=2'])
})

test('values are those of YAML 1.1: an unquoted mode is octal', () => {
  const file = write({ 'config.yaml': 'write-kubeconfig-mode: 0640\nselinux: yes\nlog:\n' })
  expect(readConfigArguments(file)).toEqual(['--write-kubeconfig-mode=416', '--selinux=true', '--log='])
})

test('a file that is no map is refused', () => {
  expect(() => readConfigArguments(write({ 'config.yaml': '[a, b]\n' }))).toThrow('cannot unmarshal')
  expect(() => readConfigArguments(write({ 'config.yaml': 'a: [\n' }))).toThrow('config.yaml')
})

test('the command line comes after the files and the environment fills gaps', () => {
  const file = write({ 'config.yaml': 'token: file\nnode-ip: [10.0.0.1]\n' })
  const environment = { K3S_CONFIG_FILE: file, K3S_TOKEN: 'variable', K3S_NODE_NAME: 'named' }
  const settings = readSettings('server', ['--token', 'line', '-i=10.0.0.2', '--cluster-init'], environment)
  expect(settings.text('token')).toBe('line')
  expect(settings.text('node-name')).toBe('named')
  expect(settings.list('node-ip')).toEqual(['10.0.0.1', '10.0.0.2'])
  expect(settings.isSet('cluster-init')).toBe(true)
})

test('a server skips unknown keys of the file with a warning, an agent fails on them', () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const environment = { K3S_CONFIG_FILE: write({ 'config.yaml': 'no-such-key: 1\ntoken: x\n' }) }
  expect(readSettings('server', [], environment).text('token')).toBe('x')
  expect(written.mock.calls.join()).toContain('Unknown flag --no-such-key found in config.yaml, skipping')
  expect(() => readSettings('agent', [], environment)).toThrow('flag provided but not defined: -no-such-key')
  expect(() => readSettings('server', ['--no-such-key'], {})).toThrow('flag provided but not defined')
})

test('values that cannot be are refused', () => {
  expect(() => readSettings('server', ['--selinux=perhaps'], {})).toThrow('invalid boolean value "perhaps"')
  expect(() => readSettings('server', ['--token'], {})).toThrow('flag needs an argument: -token')
  expect(() => readSettings('server', ['--https-listen-port=x'], {}).port('https-listen-port', 1)).toThrow(
    'invalid value',
  )
})

test('secrets do not get into the annotation of the node', () => {
  const settings = readSettings('server', ['--token=secret', '--agent-token=secret', '--node-label=a=b'], {})
  const text = maskedArguments('server', settings).join(' ')
  expect(text).not.toContain('secret')
  expect(text).toContain('--node-label a=b')
})

test('the data directory is that of the file', async () => {
  const environment = { K3S_CONFIG_FILE: write({ 'config.yaml': 'data-dir: /srv/k3s\n' }) }
  expect(await findDataDirectory(environment)).toBe('/srv/k3s')
  expect(await findDataDirectory({ K3S_CONFIG_FILE: join(folder, 'none') })).toBe('/var/lib/rancher/k3s')
})
