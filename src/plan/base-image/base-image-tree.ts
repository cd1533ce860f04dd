import type { NodeTemplate } from '../node-tree.ts'

/** Files below `templates/base-image`, which only a base that was not made by us gets: there is no initrd of ours. */
export const baseImageTemplates: readonly NodeTemplate[] = [
  { name: 'usr/lib/appliance/bring-up', mode: 0o755 },
  { name: 'usr/lib/appliance/disk', mode: 0o755 },
  { name: 'usr/lib/appliance/radio', mode: 0o755 },
  { name: 'usr/lib/systemd/system/appliance-disk.service', mode: 0o644 },
  { name: 'usr/lib/systemd/system/appliance-firstboot.service.d/10-disk.conf', mode: 0o644 },
  { name: 'usr/lib/systemd/system/appliance-radio.service', mode: 0o644 },
  { name: 'usr/lib/systemd/system/var-lib-appliance.mount', mode: 0o644 },
  { name: 'usr/lib/systemd/system/var-lib-cni.mount', mode: 0o644 },
  { name: 'usr/lib/systemd/system/var-lib-kubelet.mount', mode: 0o644 },
  { name: 'usr/lib/systemd/system/var-lib-rancher.mount', mode: 0o644 },
  { name: 'usr/lib/systemd/system/var-log-containers.mount', mode: 0o644 },
  { name: 'usr/lib/systemd/system/var-log-pods.mount', mode: 0o644 },
]

/**
 * Of our own tree: what belongs to our own base alone. Its initrd and what that mounts, cloud-init's settings (the base has
 * its own), the preset of its units, and what would take a base its radio.
 */
const ownBaseAlone: readonly RegExp[] = [
  /^etc\/cloud\//,
  /^etc\/modprobe\.d\//,
  /^etc\/systemd\/system\/cloud-init/,
  /^usr\/lib\/appliance\/repart\.d\//,
  /^usr\/lib\/clock-epoch$/,
  /^usr\/lib\/dracut\//,
  /^usr\/lib\/systemd\/system-preset\//,
  /^usr\/lib\/systemd\/system\/(?:home|root|var)\.mount$/,
]

/** Whether a file of our own tree (node-tree.ts) is one that every base gets. */
export const isForEveryBase = (name: string): boolean => !ownBaseAlone.some((pattern) => pattern.test(name))
