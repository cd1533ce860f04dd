import { afterEach, expect, test } from 'vitest'
import { StepFault } from '../../../diagnostics/fault.ts'
import type { TestHost } from '../../../host/testing.ts'
import { createTestHost } from '../../../host/testing.ts'
import { registryFault } from './registry-fault.ts'
import { skopeoFailure } from './skopeo-failure.ts'

let host: TestHost
afterEach(() => host.close())

const registry = 'registry.example.com:5000'
const name = `${registry}/oven:1.4`
const fatal = (text: string): string => `time="2026-11-26T07:00:00Z" level=fatal msg="${text}"`

const faultFor = async (line: string, login: boolean) => {
  host = createTestHost({ environment: { HOME: '/home/builder', XDG_RUNTIME_DIR: '/run/user/1000' } })
  const settings = {
    registry,
    login: login
      ? { username: 'builder', password: { at: 'images.pull[0].password', source: { env: 'X' } } }
      : null,
    ca: null,
    mirrors: [],
    insecure: false,
  }
  const fault = new StepFault('skopeo ended with exit code 1', {
    replay: 'skopeo inspect',
    lastLines: [fatal(line)],
  })
  const pulled = { name, registry, settings: login ? settings : undefined, at: ['images', 'extra', 0] }
  return (await registryFault(host, pulled, skopeoFailure(fatal(line)), fault)) as Error & { help: string }
}

test.for([
  ['L0010', 'Error parsing image name: reading manifest 1.4 in registry: manifest unknown: manifest unknown'],
  [
    'L0010',
    'Error determining manifest MIME type: reading manifest 1.4: name unknown: repository name not known to registry',
  ],
  [
    'L0011',
    'unable to retrieve auth token: invalid username/password: unauthorized: authentication required',
  ],
  ['L0011', 'reading manifest 1.4 in registry: denied: requested access to the resource is denied'],
  [
    'L0015',
    'pinging container registry: Get: tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  ['L0016', 'reading manifest 1.4: toomanyrequests: You have reached your pull rate limit'],
  ['L0017', 'copying system image from manifest list: reading blob: unexpected EOF'],
  ['L0017', 'pinging container registry: Get: dial tcp 192.0.2.1:5000: connect: connection refused'],
  ['L0018', 'writing blob: Digest did not match, expected sha256:aa, got sha256:bb'],
] as const)('%s: %s', async ([code, line]) => {
  const fault = await faultFor(line, false)
  expect(fault).toMatchObject({ code, message: expect.stringContaining(name) })
})

test('who is refused without a login is told where one was looked for', async () => {
  const { message, help } = await faultFor('unauthorized: authentication required', false)
  expect(message).toContain('whoever is logged in')
  expect(help).toContain('/run/user/1000/containers/auth.json')
  expect(help).toContain('/home/builder/.docker/config.json (is not there)')
  expect(help).toContain(`skopeo login ${registry}`)
})

test('who is refused with one is named', async () => {
  const { message, help } = await faultFor('unauthorized: authentication required', true)
  expect(message).toContain('the user builder')
  expect(help).toContain('images.pull')
})
