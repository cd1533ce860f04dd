/** Exactly these are enabled in a base; Debian's presets would enable all that is installed. */
export const enabledUnits: readonly string[] = [
  'appliance-certificates.timer',
  'appliance-firewall.service',
  'appliance-firstboot.service',
  'appliance-journal.service',
  'appliance-verify.timer',
  'fstrim.timer',
  'getty@.service',
  'k3s.service',
  'ssh.service',
  'systemd-networkd.service',
  'systemd-networkd.socket',
  'systemd-networkd-wait-online.service',
  'systemd-resolved.service',
  'systemd-timesyncd.service',
]

/** Of no use on a read-only root or without a screen, or done by parts of our own; each costs time at every start. */
export const maskedUnits: readonly string[] = [
  // Loads a hundred profiles of desktop programs. Containers need only apparmor_parser, which k3s calls by itself.
  'apparmor.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'cloud-init-hotplugd.service',
  'cloud-init-hotplugd.socket',
  'dpkg-db-backup.timer',
  // The initrd has left nothing to go back to: everything is unmounted by systemd-shutdown itself.
  'dracut-shutdown.service',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'ldconfig.service',
  'man-db.timer',
  'modprobe@configfs.service',
  'modprobe@drm.service',
  'proc-sys-fs-binfmt_misc.automount',
  'proc-sys-fs-binfmt_misc.mount',
  // Host keys are made by the first-boot service, each whole or not at all.
  'sshd-keygen.service',
  'sys-kernel-config.mount',
  'systemd-binfmt.service',
  'systemd-firstboot.service',
  'systemd-hwdb-update.service',
  'systemd-journal-catalog-update.service',
  // Settings come from the seed, not from `ip=` on the kernel command line.
  'systemd-network-generator.service',
  'systemd-networkd-persistent-storage.service',
  // Runs in the initrd, on the disk that holds root and nowhere else.
  'systemd-repart.service',
  'systemd-sysext.socket',
  'systemd-udev-load-credentials.service',
]

/** Loaded before k3s starts (k3s-io/k3s docs, requirements; `k3s check-config`). dummy: a site without a gateway. */
export const kernelModules: readonly string[] = ['br_netfilter', 'dummy', 'nf_conntrack', 'overlay', 'vxlan']
