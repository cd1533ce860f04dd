import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import type { PackagePin } from '../plan/build-plan.ts'
import { createArtifactStore } from './artifact-store.ts'
import type { PackageFiles } from './package-files.ts'
import { unpackPackages } from './package-files.ts'

let host: NodeHost
let pin: PackagePin
let files: PackageFiles

beforeEach(async () => {
  host = createNodeHost({ offline: true })
  const folder = await host.files.makeTemporaryDirectory('package-')
  const tree = join(folder, 'tree')
  const control =
    'Package: pi-firmware\nVersion: 1.0\nArchitecture: all\nMaintainer: a <a@example.com>\nDescription: x\n'
  await host.files.makeDirectory(join(tree, 'DEBIAN'))
  await host.files.makeDirectory(join(tree, 'usr/lib/pi'))
  await host.files.writeAtomic(join(tree, 'DEBIAN/control'), control)
  await host.files.writeAtomic(join(tree, 'usr/lib/pi/start.elf'), 'firmware')
  const deb = join(folder, 'pi.deb')
  await host.exec(['dpkg-deb', '--root-owner-group', '--build', tree, deb])
  const store = createArtifactStore(host, join(folder, 'cache'))
  const { sha256, sizeBytes } = await store.addFile(deb)
  pin = {
    name: 'pi-firmware',
    version: '1.0',
    architecture: 'all',
    filename: 'pool/pi.deb',
    archive: 'debian',
    sha256,
    sizeBytes,
  }
  files = unpackPackages(host, store, join(folder, 'unpacked'))
})
afterEach(() => host.close())

test('a file is taken out of a package that is nowhere installed', async () => {
  expect(await host.files.readText(await files(pin, 'usr/lib/pi/start.elf'))).toBe('firmware')
})

test('a file that the package does not have is named with the package', async () => {
  await expect(files(pin, 'usr/lib/pi/start5.elf')).rejects.toThrow(
    'the package pi-firmware 1.0 has no file usr/lib/pi/start5.elf',
  )
})
