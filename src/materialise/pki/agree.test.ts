import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import type { PkiPlan } from '../../plan/build-plan.ts'
import { authorityRole, checkPkiAgrees } from './agree.ts'
import type { ClusterPki } from './cluster-pki.ts'
import { makeTestCa } from './testing.ts'

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('agree-')
})
afterEach(() => host.close())

/** Only what stands above the CAs is compared. */
const pki = (form: ClusterPki['form'], root: string | null, intermediate: string | null): ClusterPki => {
  const pair = { crt: '', key: '' }
  const all = { 'server-ca': pair, 'client-ca': pair, 'request-header-ca': pair }
  const above = (key: string | null) => (form === 'chain' ? { crt: '', key } : null)
  const authorities = { ...all, 'etcd/server-ca': pair, 'etcd/peer-ca': pair }
  return { form, root: above(root), intermediate: above(intermediate), authorities, serviceKey: '' }
}
const made = pki('chain', 'key', 'key')
const underRoot = pki('chain', null, 'key')
const underIntermediate = pki('chain', null, null)
const plain = pki('self-signed', null, null)

const own = (role: 'root' | 'intermediate') => ({
  form: 'chain' as const,
  authority: { role, source: { kind: 'pkcs12', file: 'x.p12', password: null } as const },
})

const codeOf = async (state: ClusterPki, plan: PkiPlan): Promise<string> => {
  try {
    await checkPkiAgrees(host, state, plan, folder)
    return 'agrees'
  } catch (error) {
    return error instanceof Error && 'code' in error && 'at' in error ? `${error.code} ${error.at}` : 'other'
  }
}

test('who made what is seen by the keys that are kept', () => {
  expect([made, underRoot, underIntermediate, plain].map(authorityRole)).toEqual([
    null,
    'root',
    'intermediate',
    null,
  ])
})

test('an authority that comes or changes after the first build is refused; one that is no longer named is not', async () => {
  const refused = ['B0822', 'cluster,pki'].join(' ')
  expect(await codeOf(made, { form: 'chain', authority: null })).toBe('agrees')
  expect(await codeOf(made, own('root'))).toBe(refused)
  expect(await codeOf(plain, own('root'))).toBe(refused)
  expect(await codeOf(underRoot, own('root'))).toBe('agrees')
  expect(await codeOf(underRoot, own('intermediate'))).toBe(refused)
  expect(await codeOf(underIntermediate, own('root'))).toBe(refused)
  expect(await codeOf(underIntermediate, { form: 'chain', authority: null })).toBe('agrees')
})

test('a newer release takes self-signed CAs; an older one takes no chain', async () => {
  expect(await codeOf(plain, { form: 'chain', authority: null })).toBe('agrees')
  expect(await codeOf(made, { form: 'self-signed', authority: null })).toBe('B0822 cluster,k3s,version')
})

test('another certificate under the same name is refused, a missing file is not', async () => {
  const [first, second] = [await makeTestCa(), await makeTestCa()]
  const key = { at: 'cluster.pki.root.key', source: { env: 'CA_KEY' } }
  const source = { kind: 'pem', certificates: './ca.pem', key } as const
  const state = { ...underRoot, root: { crt: first.crt, key: null } }
  const plan = { form: 'chain', authority: { role: 'root', source } } as const
  expect(await codeOf(state, plan)).toBe('agrees')
  await host.files.writeAtomic(join(folder, 'ca.pem'), `# ours\n${first.crt}`)
  expect(await codeOf(state, plan)).toBe('agrees')
  await host.files.writeAtomic(join(folder, 'ca.pem'), second.crt)
  expect(await codeOf(state, plan)).toBe('B0822 cluster,pki')
})
