import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { readBackup } from './read-backup.ts'

const page = 4096

/** The header of an SQLite file of some pages, and the text of its tables on the first. */
const sqlite = ({ pages = 3, table = 'CREATE TABLE kine (id INTEGER)' } = {}): Buffer => {
  const file = Buffer.alloc(pages * page)
  file.write('SQLite format 3\0', 'latin1')
  file.writeUInt16BE(page, 16)
  file.writeUInt32BE(7, 24)
  file.writeUInt32BE(pages, 28)
  file.writeUInt32BE(7, 92)
  file.write(table, 3000)
  return file
}

const log = ({ magic = 0x377f0683, pageBytes = page, text = '' } = {}): Buffer => {
  const file = Buffer.alloc(32 + 24 + page)
  file.writeUInt32BE(magic, 0)
  file.writeUInt32BE(pageBytes, 8)
  file.write(text, 100)
  return file
}

const tarOf = async (files: Readonly<Record<string, Buffer>>): Promise<Buffer> => {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content)
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('backup-test-')
})
afterEach(() => host.close())

const save = async (name: string, content: Uint8Array): Promise<string> => {
  const path = join(folder, name)
  await host.files.writeAtomic(path, content)
  return path
}
const read = async (path: string): Promise<Readonly<Record<string, Buffer>>> => {
  const files = await readBackup(host, path)
  const contents = files.map(async (file) => {
    const bytes = Buffer.from((await host.files.readBytes(file.path)) ?? [])
    expect(bytes.length).toBe(file.sizeBytes)
    return [file.name, bytes] as const
  })
  return Object.fromEntries(await Promise.all(contents))
}

test('a copy of the file as it is, with the log beside it', async () => {
  const path = await save('state.db', sqlite())
  expect(await read(path)).toEqual({ 'state.db': sqlite() })
  await save('state.db-wal', log())
  expect(await read(path)).toEqual({ 'state.db': sqlite(), 'state.db-wal': log() })
  await save('state.db-wal', Buffer.alloc(0))
  expect(await read(path)).toEqual({ 'state.db': sqlite() })
})

test.each([
  ['db/', (tar: Buffer) => tar],
  ['./db/', (tar: Buffer) => gzipSync(tar)],
  ['server/db/', (tar: Buffer) => gzipSync(tar)],
  ['', (tar: Buffer) => tar],
])('a tar of the folder, whatever it was made in: %j', async (prefix, packed) => {
  const tar = await tarOf({
    [`${prefix}state.db`]: sqlite(),
    [`${prefix}state.db-shm`]: Buffer.alloc(32768),
    [`${prefix}state.db-wal`]: log(),
  })
  expect(await read(await save('backup', packed(tar)))).toEqual({
    'state.db': sqlite(),
    'state.db-wal': log(),
  })
})

test('a young datastore may have its table in the log alone', async () => {
  const path = await save('state.db', sqlite({ table: '' }))
  await save('state.db-wal', log({ text: 'CREATE TABLE kine (id INTEGER)' }))
  expect(Object.keys(await read(path))).toEqual(['state.db', 'state.db-wal'])
})

const fault = async (path: string): Promise<unknown> =>
  readBackup(host, path).catch((error: unknown) => error)

test.each([
  ['neither an SQLite file nor a tar', () => Buffer.from('hello')],
  ['cut short: 8192 bytes of 12288', () => sqlite().subarray(0, 8192)],
  ['cut short', () => sqlite().subarray(0, 12000)],
  ['not of k3s', () => sqlite({ table: 'CREATE TABLE users (id)' })],
  ['no whole tar.gz', async () => gzipSync(await tarOf({ 'db/state.db': sqlite() })).subarray(0, 60)],
  ['no whole tar', async () => (await tarOf({ 'db/state.db': sqlite() })).subarray(0, 6000)],
  ['holds no `state.db`', () => tarOf({ 'db/other': sqlite() })],
  ['of embedded etcd', () => tarOf({ 'db/etcd/member/snap/db': Buffer.alloc(10) })],
  ['its `state.db` is empty', () => tarOf({ 'db/state.db': Buffer.alloc(0) })],
  ['log (state.db-wal) is damaged', () => tarOf({ 'state.db': sqlite(), 'state.db-wal': log({ magic: 1 }) })],
  [
    'log (state.db-wal) is of another file',
    () => tarOf({ 'state.db': sqlite(), 'state.db-wal': log({ pageBytes: 512 }) }),
  ],
])('B1102: %s', async (why, content) => {
  const error = await fault(await save('state.db.backup', await content()))
  expect(error).toMatchObject({ code: 'B1102', message: expect.stringContaining(why) })
})

test('B1102: a file that is not there', async () => {
  expect(await fault(join(folder, 'none'))).toMatchObject({
    code: 'B1102',
    message: expect.stringContaining('no such file'),
  })
})

test('nothing but the two files of a datastore leaves an archive, wherever their paths point', async () => {
  const tar = await tarOf({ '../../evil': sqlite(), '/etc/passwd': sqlite(), '../../db/state.db': sqlite() })
  const files = await readBackup(host, await save('tar', tar))
  expect(files.map(({ name }) => name)).toEqual(['state.db'])
  for (const { path } of files) expect(path).toMatch(/backup-[^/]+\/state\.db$/)
})
