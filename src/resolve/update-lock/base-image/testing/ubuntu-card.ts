import type { TinyPartition } from '../testing.ts'
import { piPartitions, tinyRoot } from '../testing.ts'

/** As Ubuntu for Raspberry Pis since 25.10: all that a kernel is started with lies in a folder of its own. */
export const ubuntuPiPartitions = (): readonly TinyPartition[] => {
  const [boot, root] = piPartitions()
  if (boot === undefined || root === undefined) throw new Error('a card has two partitions')
  const datasource =
    'datasource_list: [ NoCloud, None ]\ndatasource: { NoCloud: { fs_label: system-boot } }\n'
  return [
    {
      ...boot,
      label: 'system-boot',
      files: {
        'autoboot.txt': '[all]\ntryboot_a_b=1\n',
        'config.txt':
          '[all]\nos_prefix=current/\n\n[tryboot]\nos_prefix=new/\n\n[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\n',
        'current/bcm2711-rpi-4-b.dtb': 'tree',
        'current/cmdline.txt': 'console=tty1 root=LABEL=writable rootfstype=ext4 panic=10 rootwait fixrtc\n',
        'current/state': 'good',
        'current/vmlinuz': 'kernel',
        'meta-data': 'instance-id: ubuntu\n',
        'network-config': 'version: 2\n',
        'user-data': '#cloud-config\n',
      },
    },
    {
      ...root,
      label: 'writable',
      files: tinyRoot('arm64', { 'etc/cloud/cloud.cfg.d/99-boot.cfg': datasource }),
    },
  ]
}
