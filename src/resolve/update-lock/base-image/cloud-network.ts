import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { CloudInitFacts } from './cloud-init-facts.ts'
import type { ImageFault } from './image-fault.ts'

type Root = Pick<FileSystemReader, 'exists' | 'list'>

/** The order where the settings of the base name none: cloudinit/net/renderers.py, 22.4.2 and 25.1, without those of the BSDs. */
const ownOrder: readonly string[] = ['eni', 'sysconfig', 'netplan', 'network-manager', 'networkd']

/** What people know each of them as. */
const names: Readonly<Record<string, string>> = {
  eni: 'ifupdown',
  'network-manager': 'NetworkManager',
  sysconfig: 'the files of /etc/sysconfig',
}

/** A folder is listed, since a program may be a link, as netplan is in Debian. */
const programsIn = async (root: Root, folders: readonly string[]): Promise<ReadonlySet<string>> => {
  const found = new Set<string>()
  for (const folder of folders) for (const name of await root.list(folder)) found.add(name)
  return found
}

const startedUnits = '/etc/systemd/system/multi-user.target.wants'

/** Whether cloud-init finds it there: `available` of the modules in cloudinit/net, 22.4.2 and 25.1. */
const isThere = async (root: Root, renderer: string): Promise<boolean> => {
  const system = await programsIn(root, ['/usr/sbin', '/sbin'])
  switch (renderer) {
    case 'netplan':
      return system.has('netplan')
    case 'eni':
      return (
        ['ifquery', 'ifup', 'ifdown'].every((name) => system.has(name)) &&
        (await root.exists('/etc/network/interfaces'))
      )
    case 'sysconfig':
      return (
        ['ifup', 'ifdown'].every((name) => system.has(name)) &&
        ((await root.exists('/etc/sysconfig/network-scripts/network-functions')) ||
          (await root.exists('/etc/sysconfig/config')))
      )
    case 'network-manager':
      return (
        (await programsIn(root, ['/usr/bin', '/bin'])).has('nmcli') &&
        (await root.list(startedUnits)).includes('NetworkManager.service')
      )
    // `ip` and `systemctl` are among the programs that every base needs.
    default:
      return renderer === 'networkd'
  }
}

const help = 'install netplan (`netplan.io` of Debian and Ubuntu) in it'
const preferred =
  '`system_info: { network: { renderers: [netplan] } }` into a file of /etc/cloud/cloud.cfg.d of the image'

/**
 * What a node would be without: cloud-init gives the network to the first one that is there, and the documents are written for
 * netplan (network-config.ts); settings of the base under `network` go before those that come with a node
 * (network_config_sources, cloudinit/sources/__init__.py).
 */
export const cloudNetworkFault = async (
  root: Root,
  { renderers, networkIn }: Pick<CloudInitFacts, 'renderers' | 'networkIn'>,
): Promise<ImageFault | undefined> => {
  if (networkIn !== undefined) {
    return {
      code: 'L0095',
      message: `${networkIn} of the base image says what the network is, and cloud-init takes that in place of what a node is given`,
      help: 'take `network` out of that file in the image',
    }
  }
  const found: string[] = []
  for (const name of renderers ?? ownOrder) if (await isThere(root, name)) found.push(name)
  const [first] = found
  if (first === 'netplan') return undefined
  const name = first === undefined ? undefined : (names[first] ?? first)
  return {
    code: 'L0095',
    message:
      name === undefined
        ? 'the cloud-init of the base image finds nothing that it can write a network for'
        : `the cloud-init of the base image writes the network for ${name}, and nodes are described for netplan`,
    help: found.includes('netplan')
      ? `put ${preferred}`
      : `${help}${first === 'eni' ? `, and put ${preferred}` : ''}`,
  }
}
