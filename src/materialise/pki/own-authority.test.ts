import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { Secret } from '../secrets.ts'
import { openState } from '../state/state.ts'
import type { TestCa } from './testing.ts'
import { makeTestCa } from './testing.ts'

let host: TestHost
let folder: string
let root: TestCa
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('own-')
  root = await makeTestCa({ end: '2060-01-01' })
  await host.files.writeAtomic(join(folder, 'root.pem'), root.crt)
})
afterEach(() => host.close())

const open = (key: string | null) => {
  const secret = { at: 'cluster.pki.root.key', source: { env: 'ROOT_KEY' } }
  const source = { kind: 'pem', certificates: 'root.pem', key: secret } as const
  const plan = {
    cluster: 'lab',
    pki: { form: 'chain', authority: { role: 'root', source } },
    stateProtection: { kind: 'plain' },
  } as const
  const readSecret = async () => {
    if (key === null) throw new Error('the key was asked for again')
    return new Secret(key)
  }
  const directory = join(folder, '.appliance', 'lab')
  return openState(host, directory, plan, { readSecret, profileDirectory: folder, ask: null })
}

test("the user's key is read when the cluster is made, never kept, and never needed by a later build", async () => {
  const first = await open(root.key)
  expect(first.serverCa.endsWith(root.crt)).toBe(true)
  const text = (await host.files.readText(join(folder, '.appliance/lab/state.json'))) ?? ''
  expect(text).toContain(root.crt.split('\n')[1])
  const secret = Buffer.from(root.object.export({ format: 'jwk' }).d ?? '', 'base64url')
  const bodies = [...text.matchAll(/-----BEGIN [A-Z ]+-----([^-]+)-----END/g)].map(([, body = '']) =>
    Buffer.from(body.replaceAll('\\n', ''), 'base64'),
  )
  expect(bodies.length).toBeGreaterThan(10)
  for (const body of bodies) expect(body.includes(secret)).toBe(false)
  expect(text).not.toContain(secret.toString('hex'))
  const again = await open(null)
  expect([again.isNew, again.fingerprint]).toEqual([false, first.fingerprint])
})

test('an authority that cannot work leaves nothing on the disk', async () => {
  const other = await makeTestCa()
  await expect(open(other.key)).rejects.toMatchObject({ code: 'B0810' })
  expect((await host.files.list(folder)).toSorted()).toEqual(['root.pem'])
})
