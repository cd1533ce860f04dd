import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { ImageFault } from './image-fault.ts'

/** systemd takes the second one where the first is empty (machine-id(5), systemd-machine-id-setup(1)). */
const machineIds = ['/etc/machine-id', '/var/lib/dbus/machine-id']
/** Of each machine that cloud-init has set up here. */
const instances = '/var/lib/cloud/instances'

const help =
  'use the image as it was downloaded; to install something in it, start it, run `cloud-init clean --logs --machine-id` at last, and read it back'

/**
 * Whether a base with cloud-init has been started. As a copy of a machine each node would have the same machine id, by which
 * DHCP servers and others know it. Images to be copied have an empty one or `uninitialized`.
 */
export const startedCloudInit = async (root: FileSystemReader): Promise<ImageFault | undefined> => {
  for (const path of machineIds) {
    const text = new TextDecoder().decode(await root.read(path)).trim()
    if (!/^[\da-f]{32}$/.test(text)) continue
    const message = `the base image has been started already: ${path} has a machine id, which all nodes would share`
    return { code: 'L0085', message, help }
  }
  if ((await root.list(instances)).length === 0) return undefined
  const message = `the base image has been started already: cloud-init has set it up (${instances})`
  return { code: 'L0085', message, help }
}
