import { expect, test } from 'vitest'
import { lackingPrograms, neededPrograms } from './needed-programs.ts'

const rootWith = (files: Readonly<Record<string, readonly string[]>>) => ({
  list: async (folder: string) => files[folder] ?? [],
})
const all = Object.keys(neededPrograms)

test('programs are looked for where a system has them, with and without a merged /usr', async () => {
  expect(await lackingPrograms(rootWith({ '/usr/bin': all }))).toBeUndefined()
  expect(await lackingPrograms(rootWith({ '/bin': all.slice(0, 5), '/sbin': all.slice(5) }))).toBeUndefined()
})

test('what is missing is named with who brings it', async () => {
  const most = all.filter((name) => !['sfdisk', 'e2fsck', 'resize2fs'].includes(name))
  expect(await lackingPrograms(rootWith({ '/usr/sbin': most }))).toEqual({
    code: 'L0082',
    message: 'the base image lacks e2fsck, resize2fs, sfdisk, without which a node does not work',
    help: "install e2fsprogs, fdisk in it (names of Debian's packages)",
  })
})
