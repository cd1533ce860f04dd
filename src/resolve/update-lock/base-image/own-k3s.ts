import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { ImageFault } from './image-fault.ts'

/** What k3s's installer and k3s itself leave behind: units in /etc come before ours, and data goes on in ours. */
const files = [
  '/etc/systemd/system/k3s.service',
  '/etc/systemd/system/k3s-agent.service',
  '/usr/local/bin/k3s',
  '/usr/bin/k3s',
]
/** With content: empty ones are of the package `k3s-selinux`. */
const folders = [
  '/etc/rancher',
  '/var/lib/rancher/k3s/server',
  '/var/lib/rancher/k3s/agent/etc',
  '/var/lib/rancher/rke2',
  '/var/lib/kubelet/pki',
  '/var/lib/kubelet/pods',
]

const found = async (root: Pick<FileSystemReader, 'exists' | 'list'>): Promise<string | undefined> => {
  for (const path of files) if (await root.exists(path)) return path
  for (const path of folders) if ((await root.list(path)).length > 0) return path
  return undefined
}

/** A node has one k3s, which comes with the payload. */
export const ownK3s = async (
  root: Pick<FileSystemReader, 'exists' | 'list'>,
): Promise<ImageFault | undefined> => {
  const path = await found(root)
  if (path === undefined) return undefined
  return {
    code: 'L0090',
    message: `the base image has a k3s or Kubernetes of its own: ${path}`,
    help: 'use an image without one (`k3s-uninstall.sh` takes it out, beside /etc/rancher): k3s comes with the payload',
  }
}
