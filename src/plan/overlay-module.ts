import { flannelBackend } from './cluster-networks.ts'
import type { SeedPart } from './seed-files.ts'

/** The base loads vxlan on every node; only some want wireguard (flannel, backends.md). */
export const overlayModule: SeedPart = (profile) =>
  flannelBackend(profile).startsWith('wireguard')
    ? [
        {
          target: '/etc/modules-load.d/20-flannel.conf',
          mode: 0o644,
          content: { kind: 'text', text: 'wireguard\n' },
        },
      ]
    : []
