import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import { makeTinyDisk, piPartitions, tinyRoot } from '../resolve/update-lock/base-image/testing.ts'
import { runInProcess } from './testing/run-program.ts'

/** What a base keeps is told of the user's own file, once `lock` has looked into the base. */

let host: NodeHost
let folder: string
const at = (path: string): string => join(folder, path)

const release: Readonly<Record<string, string>> = {
  'k3s-arm64': 'a program',
  'k3s-airgap-images-arm64.tar.zst': 'images',
  'k3s-images.txt': 'docker.io/rancher/mirrored-pause:3.6\n',
}

const networkManager = {
  'usr/sbin/NetworkManager': '',
  'etc/systemd/system/multi-user.target.wants/NetworkManager.service': '',
}

const profile = `apiVersion: appliance/v1alpha1
cluster:
  name: site
  state: { encryption: none }
  k3s: { version: v1.33.1+k3s1 }
base: { image: { file: ./pi.img } }
defaults: { board: rpi4 }
nodes:
  - { name: site-1, role: server }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
userData: [./site.yaml]
`

const site = `#cloud-config
write_files:
- { path: /etc/fstab, content: "" }
- path: /etc/systemd/system/scale.service
  content: |
    [Service]
    ExecStart=/usr/bin/systemctl stop ssh
- { path: /etc/fstab.d/scale, content: "" }
runcmd:
- systemctl restart ssh
- systemctl disable --now NetworkManager
- rm /boot/firmware/meta-data
- systemctl enable --now nftables
`

beforeAll(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('kept-on-base-')
  vi.stubEnv('APPLIANCE_CACHE', at('cache'))
  await host.files.makeDirectory(at('release'))
  const sums: string[] = []
  for (const [name, content] of Object.entries(release)) {
    await host.files.writeAtomic(at(`release/${name}`), content)
    sums.push(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`)
  }
  await host.files.writeAtomic(at('release/sha256sum-arm64.txt'), sums.join(''))
  await makeTinyDisk(host, at('pi.img'), 'dos', piPartitions({ ...tinyRoot('arm64'), ...networkManager }))
  await host.files.writeAtomic(at('site.yaml'), site)
  await host.files.writeAtomic(at('lab.yaml'), profile)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await host.close()
})

const run = (...args: readonly string[]) =>
  runInProcess(args, { createHost: ({ offline }) => createNodeHost({ offline }) })

test('each is told at its line, and nothing else is', async () => {
  const locked = await run('lock', at('lab.yaml'), '--artifacts', at('release'))
  expect(locked.exitCode, locked.stderr).toBe(0)
  const { exitCode, stderr } = await run('plan', at('lab.yaml'))
  expect(exitCode, stderr).toBe(1)
  const faults = [...stderr.matchAll(/^error\[(\w+)\]: (.*)\n +--> (\S+)$/gm)]
  expect(faults.map(([, code, message, place]) => [code, message, place?.replace(`${folder}/`, '')])).toEqual(
    [
      [
        'L0053',
        './site.yaml writes `/etc/fstab`, which is the list of file systems of the base',
        'site.yaml:3:11',
      ],
      [
        'L0053',
        './site.yaml: `/etc/systemd/system/scale.service` stops `ssh.service`, a unit that this node lives by',
        'site.yaml:5:3',
      ],
      [
        'L0053',
        './site.yaml: this command stops `NetworkManager.service`, a unit that this node lives by',
        'site.yaml:11:3',
      ],
      [
        'L0053',
        './site.yaml: this command changes `/boot/firmware/meta-data`, what this node starts by',
        'site.yaml:12:3',
      ],
      [
        'L0053',
        './site.yaml: this command starts `nftables.service`, whose rules take the place of those by which k3s reaches its pods',
        'site.yaml:13:3',
      ],
    ],
  )
})
