import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDownload } from './download.ts'
import type { TestHost } from './testing.ts'
import { createTestHost } from './testing.ts'

let host: TestHost
let folder: string
let server: Server | undefined
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('download-')
})
afterEach(async () => {
  server?.close()
  server = undefined
  await host.close()
})

const serve = async (listener: RequestListener): Promise<string> => {
  const started = createServer(listener)
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(started.address() as AddressInfo).port}`
}

const makeDownload = (settings: { offline?: boolean; signal?: AbortSignal } = {}) =>
  createDownload({
    offline: settings.offline ?? false,
    signal: settings.signal ?? new AbortController().signal,
    report: host.report,
    copy: host.files.copy,
    onExit: host.onExit,
    pausesMs: [5, 5],
  })

test('a file arrives whole; a task tells of it; a password goes into a header', async () => {
  const seen: (string | undefined)[] = []
  const address = await serve((request, response) => {
    seen.push(request.headers.authorization)
    response.end('content')
  })
  await makeDownload()(`http://me:pass@${address}/x`, join(folder, 'x'), { label: 'x' })
  expect(await host.files.readText(join(folder, 'x'))).toBe('content')
  expect(host.lines).toEqual(['task x: start', 'task x: done'])
  expect(seen).toEqual([`Basic ${Buffer.from('me:pass').toString('base64')}`])
})

test('a server that fails or hangs up is asked again', async () => {
  let asked = 0
  const address = await serve((_request, response) => {
    asked += 1
    if (asked === 1) response.writeHead(503).end()
    else if (asked === 2)
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
    else response.end('whole')
  })
  await makeDownload()(`http://${address}/x`, join(folder, 'x'))
  expect(await host.files.readText(join(folder, 'x'))).toBe('whole')
})

test('404 is not asked again, leaves nothing and shows no password', async () => {
  let asked = 0
  const address = await serve((_request, response) => {
    asked += 1
    response.writeHead(404).end('no')
  })
  await expect(makeDownload()(`http://me:pass@${address}/x`, join(folder, 'x'))).rejects.toMatchObject({
    name: 'EnvironmentFault',
    message: `cannot download http://${address}/x: the server answered 404 Not Found`,
  })
  expect(asked).toBe(1)
  expect(await host.files.list(folder)).toEqual([])
})

test('offline opens no socket, but copies from a file address', async () => {
  let asked = 0
  const address = await serve((_request, response) => {
    asked += 1
    response.end()
  })
  const download = makeDownload({ offline: true })
  await expect(download(`http://${address}/x`, join(folder, 'x'))).rejects.toThrow(
    '--offline forbids the network',
  )
  expect(asked).toBe(0)
  await host.files.writeAtomic(join(folder, 'from'), 'local')
  await download(pathToFileURL(join(folder, 'from')).href, join(folder, 'x'))
  expect(await host.files.readText(join(folder, 'x'))).toBe('local')
})

test('a cancelled download leaves nothing', async () => {
  const abort = new AbortController()
  const address = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half')
    setTimeout(() => abort.abort(), 50)
  })
  await expect(
    makeDownload({ signal: abort.signal })(`http://${address}/x`, join(folder, 'x')),
  ).rejects.toMatchObject({
    name: 'Cancelled',
  })
  expect(await host.files.list(folder)).toEqual([])
})
