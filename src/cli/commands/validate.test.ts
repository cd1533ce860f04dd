import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { oneServer, pinnedProfile } from '../testing/pinned-profile.ts'
import { runInProcess } from '../testing/run-program.ts'

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('validate-')
})
afterEach(() => host.close())

/** On a base image for arm64, as the lock knows it. */
const profileFor = (board: string): string =>
  `${oneServer('  state: { encryption: none }').replace('arm64-uefi', board)}base: { image: { file: ./base.img } }\n`

const codesOf = async (profile: string): Promise<readonly string[]> => {
  const { stdout } = await runInProcess(['validate', profile, '--format', 'json'])
  return [...stdout.matchAll(/"code": ?"([A-Z]\d+)"/g)].map(([, code = '']) => code)
}

test('what a lock tells of the base image is told, as long as it is the one that is named', async () => {
  const profile = await pinnedProfile(host, folder, profileFor('arm64-uefi'))
  expect(await codesOf(profile)).toEqual([])
  await host.files.writeAtomic(profile, profileFor('amd64-uefi'))
  expect(await codesOf(profile)).toEqual(['L0078'])
  await host.files.writeAtomic(profile, profileFor('amd64-uefi').replace('base.img', 'other.img'))
  expect(await codesOf(profile)).toEqual([])
  await host.files.writeAtomic(join(folder, 'lab.lock.yaml'), 'no lock\n')
  await host.files.writeAtomic(profile, profileFor('amd64-uefi'))
  expect(await codesOf(profile)).toEqual([])
})
