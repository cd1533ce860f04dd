import type { NodeHost } from '../../src/host/node-host.ts'
import type { Lab } from '../../src/proof/lab.ts'
import { openWorkspaceLab } from './lab.ts'
import type { KeyPair } from './ssh.ts'
import { keyPairIn, runOn } from './ssh.ts'
import type { Workspace } from './workspace.ts'
import { buildWorkspace } from './workspace.ts'

export const idleMinutes = 10

/** What the system may write in that time beside its datastore. */
export const idleBudgetBytes = 2 * 1024 * 1024

/** Field 7 of a block device's stat: sectors written, of 512 bytes (kernel doc, block/stat). What waits is written first. */
const writtenSoFar = [
  'sudo sync',
  'read -r _ _ _ _ _ _ sectors _ <"/sys/class/block/$(basename "$(readlink -f /run/appliance/disk/data)")/stat"',
  'echo "$((sectors * 512))"',
].join(' && ')

/** A counter that stands still would look like a system that writes nothing: this much must be seen in it. */
const controlBytes = 1024 * 1024
const writeControl = `head -c ${controlBytes} /dev/urandom >"$HOME/control"`

/** Containers outlive k3s (KillMode=process): their control groups are emptied, too. */
const stopK3s = [
  'sudo systemctl stop k3s.service',
  'for group in /sys/fs/cgroup/kubepods* /sys/fs/cgroup/system.slice/k3s.service',
  'do [ ! -e "$group/cgroup.kill" ] || echo 1 | sudo tee "$group/cgroup.kill" >/dev/null',
  'done',
].join('; ')

/** Bytes that reach the data partition, the only one that is written to, while nobody does anything. */
const writtenWhileIdle = async (
  lab: Pick<Lab, 'forward'>,
  address: string,
  key: KeyPair,
): Promise<number> => {
  // One login: each writes a little itself.
  const parts = [writtenSoFar, `sleep ${idleMinutes * 60}`, writtenSoFar, writeControl, writtenSoFar]
  const counted = await runOn(lab, address, key, parts.join(' && '))
  const [before = 0, after = 0, end = 0] = counted.trim().split('\n').map(Number)
  if (!(before > 0 && end - after >= controlBytes))
    throw new Error(
      `the counter of the data partition counts nothing: ${counted.trim().split('\n').join(', ')}`,
    )
  return after - before
}

export interface IdleWrites {
  /** With k3s stopped. */
  readonly systemBytes: number
  /** With k3s running; null where what runs is not known to be k3s itself. */
  readonly withK3sBytes: number | null
}

/** Of a node that has been Ready for a while. The share of k3s is only measured on a real release. */
export const measureIdleWrites = async (
  lab: Pick<Lab, 'forward'>,
  address: string,
  key: KeyPair,
  isRealRelease: boolean,
): Promise<IdleWrites> => {
  const withK3sBytes = isRealRelease ? await writtenWhileIdle(lab, address, key) : null
  await runOn(lab, address, key, stopK3s)
  return { systemBytes: await writtenWhileIdle(lab, address, key), withK3sBytes }
}

/** The node of profiles/flash.yaml on its SD card, off, and the key that its user lets in. */
export interface CardNode {
  readonly workspace: Workspace
  readonly lab: Lab
  readonly key: KeyPair
  readonly address: string
}

export const openCardNode = async (host: NodeHost): Promise<CardNode> => {
  const key = await keyPairIn('out/boot-tests/flash')
  const workspace = await buildWorkspace('flash', (profile) => profile.replace('KEY', key.publicKey))
  const lab = await openWorkspaceLab(host, workspace)
  return { workspace, lab, key, address: '192.168.30.11' }
}
