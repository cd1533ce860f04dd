import { expect, test } from 'vitest'
import { codes } from '../../diagnostics/codes.ts'
import { everyKey } from '../../profile/describe-schema.ts'
import { runInProcess } from '../testing/run-program.ts'

test('every code is explained', async () => {
  for (const [code, { title, explanation }] of Object.entries(codes)) {
    const run = await runInProcess(['explain', code])
    expect(run).toMatchObject({ exitCode: 0, stderr: '', stdout: `${code}: ${title}\n\n${explanation}\n` })
  }
})

test('every key of the profile is explained', async () => {
  for (const { path, description } of everyKey()) {
    const run = await runInProcess(['explain', path])
    expect(run.exitCode).toBe(0)
    expect(run.stdout.startsWith(`${path}\n\n${description}\n`)).toBe(true)
  }
})

test.each(['p0107', 'nodes[0].board', 'nodes[].board'])('%s is understood', async (subject) => {
  expect(await runInProcess(['explain', subject])).toMatchObject({ exitCode: 0 })
})

test('a key of k3s is explained from the tables', async () => {
  const run = await runInProcess(['explain', 'cluster.k3s.config.etcd-s3-retention'])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  expect(run.stdout).toBe(`cluster.k3s.config.etcd-s3-retention

How many snapshots to keep in S3.

Type: a whole number.
Default: 5
Releases of k3s: v1.31.12, v1.32.8, v1.33.4, v1.34.0 and newer.
Where: cluster.k3s.config, nodes[].k3s.
Only servers have it.
`)
  const json = await runInProcess(['explain', 'nodes[0].k3s.flannel-iface', '--format', 'json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ name: 'flannel-iface', type: 'a text', fallback: null })
})

test.each([
  ['embedded-registry', 'did you mean cluster.k3s.config.embedded-registry?'],
  ['cluster.k3s.config.kublet-arg', 'did you mean cluster.k3s.config.kubelet-arg?'],
  ['nodes[].k3s.disable-apiserver-lbs', 'did you mean cluster.k3s.agentConfig.disable-apiserver-lb?'],
  ['board', 'did you mean nodes.board?'],
  ['bord', 'did you mean nodes.board?'],
  ['nodes.bord', 'did you mean nodes.board?'],
  ['P0170', 'did you mean P0107?'],
  ['constructor', 'give a code such as P0107'],
])('%s is unknown: %s', async (subject, hint) => {
  const run = await runInProcess(['explain', subject])
  expect(run).toMatchObject({ exitCode: 2, stdout: '' })
  expect(run.stderr).toContain(hint)
})
