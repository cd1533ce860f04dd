import type { FrontEnd } from '../recipes/recipe.ts'

/** Where files below `templates/node` go: the same path on the node, without `.hbs`. */
export interface NodeTemplate {
  /** Path below `templates/node`. */
  readonly name: string
  readonly mode: number
  /** Absent: on every base. */
  readonly frontEnd?: FrontEnd
}

interface Names {
  readonly scripts: readonly string[]
  readonly plain: readonly string[]
}

const common: Names = {
  scripts: [
    'usr/bin/appliance',
    'usr/lib/appliance/certificates',
    'usr/lib/appliance/firstboot',
    'usr/lib/appliance/launcher',
    'usr/lib/appliance/notice',
    'usr/lib/appliance/report',
    'usr/lib/appliance/verify',
    'usr/lib/dracut/modules.d/90appliance/appliance-disk.sh',
    'usr/lib/dracut/modules.d/90appliance/appliance-emergency.sh',
    'usr/lib/dracut/modules.d/90appliance/module-setup.sh',
  ],
  plain: [
    'etc/modprobe.d/appliance.conf',
    'etc/ssh/sshd_config.d/10-appliance.conf',
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
  ],
}

/** One of the two is on a base. Presets: the first line that fits counts, and a file of Ignition's own has the number 20. */
const ofFrontEnds: Readonly<Record<FrontEnd, Names>> = {
  'cloud-init': {
    scripts: [],
    plain: [
      'etc/cloud/cloud.cfg',
      'etc/systemd/system/cloud-init-local.service',
      'etc/systemd/system/cloud-init-main.service',
      'etc/systemd/system/cloud-init-network.service',
      'usr/lib/systemd/system-preset/00-appliance.preset.hbs',
    ],
  },
  ignition: {
    scripts: [
      'usr/lib/dracut/modules.d/91appliance-ignition/appliance-ignition.sh',
      'usr/lib/dracut/modules.d/91appliance-ignition/groupadd.sh',
      'usr/lib/dracut/modules.d/91appliance-ignition/is-live-image.sh',
      'usr/lib/dracut/modules.d/91appliance-ignition/module-setup.sh',
      'usr/lib/dracut/modules.d/91appliance-ignition/setfiles.sh',
    ],
    plain: [
      'etc/machine-id',
      'etc/selinux/config',
      'usr/lib/dracut/modules.d/91appliance-ignition/appliance-ignition.service',
      'usr/lib/dracut/modules.d/91appliance-ignition/stage.conf',
      'usr/lib/dracut/modules.d/91appliance-ignition/files.conf',
      'usr/lib/dracut/modules.d/91appliance-ignition/mount.conf',
      'usr/lib/systemd/system-preset/50-appliance.preset.hbs',
    ],
  },
}

const templatesOf = ({ scripts, plain }: Names): readonly NodeTemplate[] => [
  ...scripts.map((name) => ({ name, mode: 0o755 })),
  // systemd writes the machine's own over it, and nobody else shall.
  ...plain.map((name) => ({ name, mode: name === 'etc/machine-id' ? 0o444 : 0o644 })),
]

/** Every file below `templates/node`, sorted by name; a test compares it with the folder. */
export const nodeTemplates: readonly NodeTemplate[] = [
  ...templatesOf(common),
  ...(['cloud-init', 'ignition'] as const).flatMap((frontEnd) =>
    templatesOf(ofFrontEnds[frontEnd]).map((template) => ({ ...template, frontEnd })),
  ),
].sort((a, b) => (a.name < b.name ? -1 : 1))
