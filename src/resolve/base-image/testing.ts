import type { LockedBaseImage } from './locked-base-image.ts'

const mib = 1024 * 1024

/** A Debian cloud image, as `lock` would find it. */
export const sampleBaseImage: LockedBaseImage = {
  source: './debian-13.qcow2',
  artifact: { name: 'debian-13.qcow2', sha256: 'ba'.repeat(32), sizeBytes: 300 * mib },
  form: 'qcow2',
  diskBytes: 3072 * mib,
  table: 'gpt',
  diskId: '2b6c2c3a-8a8f-4c27-9c3a-0d1f6d5f1e10',
  firstNumber: 16,
  partitions: [
    {
      number: 1,
      offset: 128 * mib,
      size: 2943 * mib,
      type: 'b921b045-1df0-41c3-af44-4c6f280d3fae',
      guid: '7f0a7c62-6d2f-4b7e-8a53-52b0f3f7c001',
      name: '',
      fileSystem: 'ext4',
      label: '',
    },
    {
      number: 15,
      offset: mib,
      size: 127 * mib,
      type: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
      guid: '7f0a7c62-6d2f-4b7e-8a53-52b0f3f7c015',
      name: 'esp',
      fileSystem: 'vfat',
      label: '',
    },
  ],
  architecture: 'arm64',
  starts: ['uefi'],
  distribution: { id: 'debian', version: '13' },
  configuration: { way: 'cidata' },
}

/** Raspberry Pi OS: an MBR, cloud-init's documents on the boot partition, NetworkManager. */
export const samplePiImage: LockedBaseImage = {
  ...sampleBaseImage,
  source: 'https://example.com/raspios.img.xz',
  artifact: { name: 'raspios.img.xz', sha256: 'bb'.repeat(32), sizeBytes: 500 * mib },
  form: 'xz',
  table: 'mbr',
  diskId: '0a1b2c3d',
  firstNumber: 5,
  partitions: [
    {
      number: 1,
      offset: 4 * mib,
      size: 512 * mib,
      type: '0c',
      guid: '',
      name: '',
      fileSystem: 'vfat',
      label: 'bootfs',
    },
    {
      number: 2,
      offset: 516 * mib,
      size: 2300 * mib,
      type: '83',
      guid: '',
      name: '',
      fileSystem: 'ext4',
      label: 'rootfs',
    },
  ],
  starts: ['raspberry-pi'],
  radio: 'network-manager',
  networkManager: true,
  configuration: {
    way: 'boot-files',
    partition: 1,
    commandLines: [
      { path: 'cmdline.txt', text: 'console=serial0,115200 root=PARTUUID=0a1b2c3d-02 rootwait resize' },
    ],
  },
}

/** Fedora CoreOS, whose system lies on xfs. */
export const sampleCoreosImage: LockedBaseImage = {
  ...sampleBaseImage,
  source: './fedora-coreos.x86_64.raw.xz',
  artifact: { name: 'fedora-coreos.x86_64.raw.xz', sha256: 'bc'.repeat(32), sizeBytes: 700 * mib },
  form: 'xz',
  firstNumber: 5,
  partitions: [
    {
      number: 2,
      offset: 2 * mib,
      size: 127 * mib,
      type: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
      guid: '7f0a7c62-6d2f-4b7e-8a53-52b0f3f7c002',
      name: 'EFI-SYSTEM',
      fileSystem: 'vfat',
      label: 'EFI-SYSTEM',
    },
    {
      number: 3,
      offset: 129 * mib,
      size: 384 * mib,
      type: '0fc63daf-8483-4772-8e79-3d69d8477de4',
      guid: '7f0a7c62-6d2f-4b7e-8a53-52b0f3f7c003',
      name: 'boot',
      fileSystem: 'ext4',
      label: 'boot',
    },
    {
      number: 4,
      offset: 513 * mib,
      size: 2048 * mib,
      type: '0fc63daf-8483-4772-8e79-3d69d8477de4',
      guid: '7f0a7c62-6d2f-4b7e-8a53-52b0f3f7c004',
      name: 'root',
      fileSystem: 'xfs',
      label: 'root',
    },
  ],
  distribution: { id: 'fedora-coreos', version: '41.20241027.3.0' },
  configuration: {
    way: 'ignition-file',
    partition: 3,
    path: '/ignition/config.ign',
    ignition: { system: 'coreos', spec: '3.4.0' },
  },
}

/** Flatcar, whose OEM partition is btrfs. */
export const sampleFlatcarImage: LockedBaseImage = {
  ...sampleCoreosImage,
  source: './flatcar_production_image.bin',
  artifact: { name: 'flatcar_production_image.bin', sha256: 'bd'.repeat(32), sizeBytes: 3072 * mib },
  form: 'raw',
  firstNumber: 10,
  distribution: { id: 'flatcar', version: '' },
  configuration: { way: 'brought', ignition: { system: 'flatcar', spec: '3.3.0' } },
}

/** openSUSE MicroOS, whose subvolumes Ignition mounts in part. */
export const sampleMicroosImage: LockedBaseImage = {
  ...sampleCoreosImage,
  source: './openSUSE-MicroOS.x86_64-kvm-and-xen.qcow2',
  artifact: {
    name: 'openSUSE-MicroOS.x86_64-kvm-and-xen.qcow2',
    sha256: 'be'.repeat(32),
    sizeBytes: 900 * mib,
  },
  form: 'qcow2',
  distribution: { id: 'opensuse-microos', version: '20230915' },
  configuration: {
    way: 'ignition-seed',
    ignition: { system: 'microos', spec: '3.4.0' },
    mounts: [
      { path: '/usr/local', device: '/dev/disk/by-uuid/7f0a7c62', options: ['subvol=/@/usr/local'] },
      { path: '/home', device: '/dev/disk/by-label/ROOT', options: ['subvol=/@/home'] },
      { path: '/root', device: '/dev/disk/by-partuuid/7f0a7c63', options: ['subvol=/@/root'] },
    ],
  },
}
