import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ProfileSecret } from '../../plan/build-plan.ts'
import { yamlContent } from '../../plan/secret-text.ts'
import { Secret } from '../secrets.ts'
import { composeSecret } from './compose.ts'

const secret = (at: string): ProfileSecret => ({ at, source: { env: 'X' } })

const textOf = (composed: Secret): string => new TextDecoder().decode(composed.reveal())

test.each([
  ['plain', 'abcdefgh'],
  ['quotes and line ends', 'a "b"\n  c: \'d\' # e'],
  ['what YAML 1.1 would read as something else', 'yes'],
  ['unicode', 'schlüssel 🔑'],
])('a value in a YAML file is read back as it was: %s', async (_, value) => {
  const content = yamlContent({
    'etcd-s3-secret-key': { secret: secret('cluster.k3s.config.etcd-s3-secret-key') },
    'kubelet-arg': ['max-pods=60', { secret: secret('cluster.k3s.agentConfig.kubelet-arg[1]') }],
    note: 'secret-of-the-profile.0.',
  })
  if (content.kind !== 'composed') throw new Error('not composed')
  expect(JSON.stringify(content)).not.toContain(value)
  const composed = await composeSecret(content.parts, async () => new Secret(value))
  expect(parse(textOf(composed), { version: '1.1' })).toEqual({
    'etcd-s3-secret-key': value,
    'kubelet-arg': ['max-pods=60', value],
    note: 'secret-of-the-profile.0.',
  })
})

test('without a secret the document is plain text', () => {
  expect(yamlContent({ a: 'b' })).toEqual({ kind: 'text', text: 'a: b\n' })
})

test.each(['two words', 'a\nB=c', 'quo"te', 'back\\slash', 'ü'])(
  'a value that an environment file would read otherwise is refused without showing it: %j',
  async (odd) => {
    const value = `${odd}${randomBytes(4).toString('hex')}`
    const parts = ['HTTPS_PROXY=', { secret: secret('site.proxy.https'), as: 'text' as const }, '\n']
    const fault = await composeSecret(parts, async () => new Secret(value)).catch((error: unknown) => error)
    expect(String(fault)).toContain('the secret site.proxy.https cannot be read')
    expect(String(fault)).not.toContain(value)
  },
)

test('an address is taken as it is, base64 where it is wanted', async () => {
  const value = 'http://user:p%40ss@proxy:3128'
  const at = secret('site.proxy.https')
  const parts = ['A=', { secret: at, as: 'text' as const }, '\nB=', { secret: at, as: 'base64' as const }]
  expect(textOf(await composeSecret(parts, async () => new Secret(value)))).toBe(
    `A=${value}\nB=${Buffer.from(value).toString('base64')}`,
  )
})
