import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineColumnOf } from '../../diagnostics/source-file.ts'
import { parseYaml } from '../../diagnostics/yaml/parse-yaml.ts'
import { createTestHost } from '../../host/testing.ts'
import type { Profile } from '../../profile/schema.ts'
import { changedUserData } from '../read-inputs.ts'
import { readUserData } from './user-data.ts'
import { writeFiles } from './workloads/testing.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'user-data-'))
})

afterEach(() => rm(folder, { recursive: true }))

const profileText = `access:
  users: [{ name: ops }]
userData: [./one.yaml, ./two.yaml]
`

const setUp = async (files: Readonly<Record<string, string>>) => {
  const host = createTestHost()
  await writeFiles(host, folder, files)
  const [tree] = parseYaml({ path: 'lab.yaml', text: profileText })
  if (tree === undefined) throw new Error('the profile of the test is malformed')
  const user = { files: host.files, folder, tree }
  return { host, user, profile: tree.value as Profile }
}

const read = async (files: Readonly<Record<string, string>>) => {
  const { user, profile } = await setUp(files)
  const [locked, faults] = await readUserData(user, profile)
  return {
    locked,
    faults: faults.map(({ code, message, range, related }) =>
      [
        code,
        message,
        ...[range, ...(related ?? []).map((each) => each.range)].map((each) =>
          each === undefined
            ? ''
            : `${each.file.path.replace(`${folder}/`, '')}:${lineColumnOf(each.file, each.start).line}`,
        ),
      ].join(' | '),
    ),
  }
}

test('fragments are pinned with what they say', async () => {
  const { locked, faults } = await read({
    'one.yaml': '#cloud-config\nruncmd: [date]\nwrite_files: [{ path: /etc/hosts.extra, content: a }]\n',
    'two.yaml': '#cloud-config\nwrite_files: [{ path: /etc/hosts.extra, content: b, append: true }]\n',
  })
  expect(faults).toEqual([])
  expect(locked?.map(({ file, config }) => [file, Object.keys(config)])).toEqual([
    ['./one.yaml', ['runcmd', 'write_files']],
    ['./two.yaml', ['write_files']],
  ])
})

test('one thing with two owners is told with both places', async () => {
  const { locked, faults } = await read({
    'one.yaml':
      '#cloud-config\nusers:\n- { name: ops }\n- { name: root }\nwrite_files:\n- { path: /etc/motd }\n',
    'two.yaml': '#cloud-config\nwrite_files:\n- { path: /etc/./motd }\n',
  })
  expect(locked).toBeUndefined()
  expect(faults).toEqual([
    'L0052 | the user ops has two owners | one.yaml:3 | lab.yaml:2',
    'L0052 | the user `root` belongs to the base | one.yaml:4',
    'L0052 | the file /etc/motd has two owners | two.yaml:3 | one.yaml:6',
  ])
})

test('a file that is missing, and one that is too large', async () => {
  const { faults } = await read({ 'two.yaml': `#cloud-config\n#${'x'.repeat(300_000)}\n` })
  expect(faults.map((fault) => fault.slice(0, 5))).toEqual(['L0039', 'L0050'])
})

test('a fragment that has changed since is told, and used as it was', async () => {
  const { host, user, profile } = await setUp({
    'one.yaml': '#cloud-config\n{}\n',
    'two.yaml': '#cloud-config\n{}\n',
  })
  const [locked] = await readUserData(user, profile)
  expect(await changedUserData(user, locked ?? [])).toEqual([])
  await host.files.writeAtomic(join(folder, 'two.yaml'), '#cloud-config\nruncmd: [date]\n')
  expect((await changedUserData(user, locked ?? [])).map(({ code, severity }) => [code, severity])).toEqual([
    ['L0040', 'warning'],
  ])
})
