import { join } from 'node:path'
import type { Host } from '../../host/host.ts'
import { sampleBaseImage } from '../../resolve/base-image/testing.ts'
import type { Lock } from '../../resolve/lock.ts'
import { printLock } from '../../resolve/lock-file.ts'
import type { Architecture, PackagePin } from '../../resolve/pins.ts'
import type { ProfileInputs } from '../../resolve/profile-inputs.ts'
import { profileInputs } from '../../resolve/profile-inputs.ts'
import type { CloudConfig } from '../../resolve/user-data/cloud-config-schema.ts'
import type { IgnitionFragmentConfig } from '../../resolve/user-data/ignition-schema.ts'
import type { LockedUserData } from '../../resolve/user-data/locked-user-data.ts'
import { loadProfile } from '../load-profile.ts'
import { pinnedKernels } from './pinned-kernels.ts'
import { pinnedImages, pinnedWorkloads } from './pinned-workloads.ts'

const artifact = (name: string, sizeBytes: number) => ({ name, sha256: 'ab'.repeat(32), sizeBytes })

const debianPackage = (name: string): PackagePin => ({
  name,
  version: '1',
  architecture: 'all',
  filename: `pool/${name}.deb`,
  archive: 'debian',
  sha256: 'ab'.repeat(32),
  sizeBytes: 1000,
})

/** What files of `userData` say, by their names: between them every key that is read. */
export const sampleUserData: Readonly<Record<string, CloudConfig>> = {
  './kiosk.yaml': {
    bootcmd: [['modprobe', 'i2c-dev'], 'echo "a: b" # c'],
    groups: ['panel', { video: ['kiosk'] }],
    users: [
      {
        name: 'kiosk',
        gecos: 'Kiosk, 1',
        groups: ['panel'],
        hashed_passwd: '$6$salt$hash',
        lock_passwd: false,
      },
    ],
    final_message: 'up after $UPTIME s',
  },
  './scale.yaml': {
    write_files: [
      { path: '/etc/scale.conf', permissions: '0640', owner: 'root:adm', content: 'on\nyes: no\n' },
      { path: '/etc/scale.bin', encoding: 'b64', content: 'AAECAw==', defer: true },
    ],
    runcmd: [['udevadm', 'trigger'], 'date'],
  },
}

/** What files of `userData` for Ignition say. */
const sampleIgnition = (name: string): IgnitionFragmentConfig => ({
  ignition: { version: '3.3.0' },
  passwd: { users: [{ name, groups: ['video'] }], groups: [] },
  storage: {
    directories: [{ path: `/etc/${name}`, mode: 0o750 }],
    files: [{ path: `/etc/${name}/a`, overwrite: true, contents: { source: 'data:,on%0A' } }],
    links: [{ path: `/etc/${name}/b`, target: 'a', overwrite: true }],
  },
  systemd: { units: [{ name: `${name}.service`, contents: '[Service]\nExecStart=/bin/true\n' }] },
})
export const sampleIgnitionData = ['kiosk', 'scale'].map((name) => ({
  kind: 'ignition' as const,
  file: `./${name}.bu`,
  config: sampleIgnition(name),
}))

/** Pins just what a profile asks for, of inputs that are nowhere: enough to plan, not to build. */
export const pinnedLock = (inputs: ProfileInputs): Lock => {
  const forEach = <T>(pin: (architecture: Architecture) => T): Readonly<Partial<Record<Architecture, T>>> =>
    Object.fromEntries(inputs.architectures.map((architecture) => [architecture, pin(architecture)]))
  return {
    lockVersion: 1,
    created: '2026-05-06T07:08:09Z',
    base: {
      recipe: inputs.recipe.name,
      archives: {},
      requested: inputs.requested,
      packages: forEach(() => [debianPackage('systemd')]),
      kernels: pinnedKernels(inputs),
      times: forEach(() => 1_770_000_000),
      firmware: Object.fromEntries(
        Object.entries(inputs.firmware).map(([architecture, names]) => [
          architecture,
          names.map(debianPackage),
        ]),
      ),
      tools: {},
      image: inputs.baseImage === null ? null : { ...sampleBaseImage, source: inputs.baseImage.source },
    },
    k3s: {
      version: inputs.k3sVersion,
      source: 'release',
      files: forEach((architecture) => ({
        binary: artifact(`k3s-${architecture}`, 70e6),
        airgapImages: artifact('images.tar.zst', 200e6),
      })),
      imageList: artifact('k3s-images.txt', 10),
      imageNames: ['docker.io/rancher/mirrored-pause:3.6'],
    },
    files: inputs.files.map((name) => artifact(name, 1000)),
    workloads: pinnedWorkloads(inputs.workloads),
    userData: inputs.userData.map((file): LockedUserData => {
      const sha256 = 'ab'.repeat(32)
      const ignition = sampleIgnitionData.find((sample) => sample.file === file)
      return ignition === undefined
        ? { kind: 'cloud-config', file, sha256, config: sampleUserData[file] ?? {} }
        : { ...ignition, sha256 }
    }),
    images: pinnedImages(inputs.images),
  }
}

/** Writes a profile and such a lock; returns the path of the profile. */
export const pinnedProfile = async (
  host: Host,
  folder: string,
  text: string,
  cluster?: Lock['cluster'],
): Promise<string> => {
  const profile = join(folder, 'lab.yaml')
  await host.files.writeAtomic(profile, text)
  const [loaded, faults] = await loadProfile(host, profile)
  const inputs = loaded === undefined ? undefined : profileInputs(loaded.checked, loaded.recipes)
  if (inputs === undefined) throw new Error(JSON.stringify(faults.map(({ message }) => message)))
  const lock: Lock = { ...pinnedLock(inputs), ...(cluster === undefined ? {} : { cluster }) }
  await host.files.writeAtomic(join(folder, 'lab.lock.yaml'), printLock(lock))
  return profile
}

/** One server; `cluster` holds further lines of the section. */
export const oneServer = (cluster: string): string => `apiVersion: appliance/v1alpha1
cluster:
  name: lab
  k3s: { version: v1.33.1+k3s1 }
${cluster}
nodes:
  - { name: lab-1, role: server, board: arm64-uefi }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
`
