import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { SeedPlan } from './build-plan.ts'
import { planK3sConfig } from './k3s-config.ts'
import { planSeed } from './seed-files.ts'
import { sampleNode, sampleProfile } from './testing.ts'

const profile = sampleProfile()
const seedOf = (name: string, from = profile): SeedPlan => planSeed(from, sampleNode(from, name))

const textOf = (seed: SeedPlan, path: string): string => {
  const content = [
    ...seed.documents,
    ...seed.files,
    ...seed.install.map((entry) => ({ path: entry.target, ...entry })),
  ].find((file) => file.path === path)?.content
  if (content?.kind !== 'text') throw new Error(`${path} is no text of the seed`)
  return content.text
}

/** One readable page: what lies on a seed, secrets by name. */
const page = (seed: SeedPlan): string =>
  [
    ...[...seed.documents, ...seed.files].map(({ path }) => `=== ${path}\n${textOf(seed, path)}`),
    ...seed.install.map(({ target, mode, content }) => {
      const body =
        content.kind === 'text'
          ? content.text
          : content.kind === 'state'
            ? `<${content.reference.secret ? 'secret' : 'public'} ${content.reference.name}>\n`
            : `<${content.kind}>\n`
      return `=== ${target} ${mode.toString(8).padStart(4, '0')}\n${body}`
    }),
  ].join('')

test.each(['bakery-1', 'oven-1'])('the seed of %s', async (name) => {
  await expect(page(seedOf(name))).toMatchFileSnapshot(`testdata/seed/${name}.txt`)
})

test('an agent gets neither the server token nor any key of an authority', () => {
  const names = seedOf('oven-1').install.flatMap(({ content }) =>
    content.kind === 'state' ? [content.reference.name] : [],
  )
  expect(names).toEqual(['node-password/oven-1', 'token/agent'])
})

test('every secret is readable by root alone', () => {
  for (const name of ['bakery-1', 'oven-1']) {
    for (const { target, mode, content } of seedOf(name).install) {
      if (content.kind === 'state' && content.reference.secret) expect(mode, target).toBe(0o600)
    }
  }
})

test('no document that cloud-init keeps names a secret', () => {
  for (const name of ['bakery-1', 'oven-1']) {
    for (const { content } of seedOf(name).files) expect(content.kind).toBe('text')
  }
})

test('words that YAML 1.1 takes for something else stay texts', () => {
  const text = textOf(seedOf('bakery-1'), '/var/lib/appliance/k3s-config.yaml')
  expect(parse(text, { version: '1.1' })).toEqual(planK3sConfig(profile, sampleNode(profile, 'bakery-1')))
  expect(text).toContain('write-kubeconfig-mode: "0640"')
})

test('the instance-id changes with what cloud-init applies, and with nothing else', () => {
  const idOf = (from = profile): unknown =>
    parse(textOf(seedOf('bakery-1', from), 'meta-data'))['instance-id']
  expect(idOf(sampleProfile({ epoch: 1 }))).toBe(idOf())
  expect(idOf(sampleProfile({ site: { ...profile.site, timezone: 'UTC' } }))).not.toBe(idOf())
})

test('node.conf survives a shell, whatever a name holds', () => {
  const odd = sampleProfile({ cluster: { ...profile.cluster, name: `it's $(odd) "\\` } })
  const conf = textOf(seedOf('bakery-1', odd), 'appliance/node.conf')
  const said = execFileSync('sh', ['-c', `${conf}printf '%s|%s|%s' "$CLUSTER" "$FIRST" "$ADDRESSES"`])
  expect(said.toString()).toBe(`it's $(odd) "\\|yes|192.168.10.11/24 fd00:10::11/64`)
})
