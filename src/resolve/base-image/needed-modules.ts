/** Of every node: its data partition is made on a loop device, its payload is a squashfs; the others are k3s's (`k3s check-config`). */
export const neededModules: readonly string[] = [
  'br_netfilter',
  'loop',
  'nf_conntrack',
  'overlay',
  'squashfs',
]
