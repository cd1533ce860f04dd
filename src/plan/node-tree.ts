/** Where files below `templates/node` go: the same path on the node, without `.hbs`. */
export interface NodeTemplate {
  /** Path below `templates/node`. */
  readonly name: string
  readonly mode: number
}

const scripts: readonly string[] = [
  'usr/bin/appliance',
  'usr/lib/appliance/certificates',
  'usr/lib/appliance/firstboot',
  'usr/lib/appliance/launcher',
  'usr/lib/appliance/notice',
  'usr/lib/appliance/report',
  'usr/lib/appliance/verify',
  'usr/lib/dracut/modules.d/90appliance/appliance-disk.sh',
  'usr/lib/dracut/modules.d/90appliance/module-setup.sh',
]

const plain: readonly string[] = [
  'etc/cloud/cloud.cfg',
  'etc/modprobe.d/appliance.conf',
  'etc/ssh/sshd_config.d/10-appliance.conf',
  'etc/systemd/system/cloud-init-local.service',
  'etc/systemd/system/cloud-init-main.service',
  'etc/systemd/system/cloud-init-network.service',
  'usr/lib/appliance/certificates.sh',
  'usr/lib/appliance/clock.sh',
  'usr/lib/appliance/cluster.sh',
  'usr/lib/appliance/common.sh',
  'usr/lib/appliance/k3s-log.sh',
  'usr/lib/appliance/payload.sh',
  'usr/lib/appliance/release.hbs',
  'usr/lib/appliance/repart.d/50-data.conf',
  'usr/lib/appliance/route.sh',
  'usr/lib/clock-epoch',
  'usr/lib/dracut/modules.d/90appliance/appliance-disk.service',
  'usr/lib/dracut/modules.d/90appliance/emergency.service',
  'etc/modules-load.d/appliance.conf.hbs',
  'usr/lib/sysctl.d/90-appliance.conf',
  'usr/lib/systemd/journald.conf.d/10-appliance.conf',
  'usr/lib/systemd/networkd.conf.d/10-appliance.conf',
  'usr/lib/systemd/system-preset/00-appliance.preset.hbs',
  'usr/lib/systemd/system/appliance-certificates.service',
  'usr/lib/systemd/system/appliance-certificates.timer',
  'usr/lib/systemd/system/appliance-firewall.service',
  'usr/lib/systemd/system/appliance-firstboot.service',
  'usr/lib/systemd/system/appliance-journal.service',
  'usr/lib/systemd/system/appliance-report.service',
  'usr/lib/systemd/system/appliance-verify.service',
  'usr/lib/systemd/system/appliance-verify.timer',
  'usr/lib/systemd/system/appliance-watch.service',
  'usr/lib/systemd/system/appliance-watch.timer',
  'usr/lib/systemd/system/appliance-wifi@.service',
  'usr/lib/systemd/system/data.mount',
  'usr/lib/systemd/system/home.mount',
  'usr/lib/systemd/system/k3s.service',
  'usr/lib/systemd/system/payload.mount',
  'usr/lib/systemd/system/root.mount',
  'usr/lib/systemd/system/systemd-journal-flush.service.d/10-appliance.conf',
  'usr/lib/systemd/system/systemd-networkd-wait-online.service.d/10-appliance.conf',
  'usr/lib/systemd/system/var.mount',
  'usr/lib/tmpfiles.d/appliance.conf',
  'usr/lib/udev/rules.d/90-appliance.rules',
]

/** Every file below `templates/node`, sorted by name; a test compares it with the folder. */
export const nodeTemplates: readonly NodeTemplate[] = [
  ...scripts.map((name) => ({ name, mode: 0o755 })),
  ...plain.map((name) => ({ name, mode: 0o644 })),
].sort((a, b) => (a.name < b.name ? -1 : 1))
