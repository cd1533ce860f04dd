import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { BasePlan } from '../plan/build-plan.ts'
import { createArtifactStore } from './artifact-store.ts'
import { buildBase } from './base.ts'
import { createBuiltStore } from './built-store.ts'

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('kernel-')
})
afterEach(() => host.close())

const put = (path: string, text: string): Promise<void> => host.files.writeAtomic(join(folder, path), text)

const check = async (list: string) => {
  await put('list', list)
  return host.exec(
    ['sh', 'images/bases/debian-13/check-kernel.sh', join(folder, 'modules'), join(folder, 'list')],
    { okCodes: [0, 1] },
  )
}

test('a module is a file, packed or not, or built in', async () => {
  for (const name of ['net/vxlan.ko.xz', 'net/bridge/br_netfilter.ko', 'fs/overlay.ko.zst']) {
    await host.files.makeDirectory(join(folder, 'modules/kernel', name, '..'))
    await put(`modules/kernel/${name}`, '')
  }
  await put('modules/modules.builtin', 'kernel/net/netfilter/nf_conntrack.ko\n')
  expect(await check('# of k3s\nvxlan\nbr_netfilter\noverlay\nnf_conntrack\n')).toMatchObject({
    stdout: '',
    exitCode: 0,
  })
  expect(await check('vxlan\nxlan\nconntrack\ndummy\n')).toMatchObject({
    stdout: 'missing module: xlan\nmissing module: conntrack\nmissing module: dummy\n',
    exitCode: 1,
  })
})

test('a base whose kernel lacks some is not made, and they are named', async () => {
  const scripted = createTestHost({
    exec: (argv) => {
      if (argv[0] === 'uname') return { stdout: 'x86_64\n' }
      if (argv[0] === 'id') return { stdout: '0\n' }
      if (argv.includes('true')) return {}
      return { stdout: '@ make the initrd\nmissing module: vxlan\nmissing module: dummy\n', exitCode: 91 }
    },
  })
  try {
    const plan: BasePlan = {
      ...{ id: 'ab'.repeat(32), recipe: 'debian-13', architecture: 'arm64', epoch: 1 },
      ...{ packages: [], tools: [], files: [], links: [], directories: [] },
      ...{ enableUnits: [], maskUnits: [], initrdModules: [] },
      kernel: { source: 'stable', release: '6.12.1', pages: '4k' },
    }
    const artifacts = createArtifactStore(scripted, folder)
    const built = createBuiltStore(scripted, folder)
    await expect(
      buildBase(plan, scripted, { artifacts, built, cache: folder, images: 'images' }),
    ).rejects.toMatchObject({ code: 'B1235', message: expect.stringContaining('vxlan, dummy') })
  } finally {
    await scripted.close()
  }
})
