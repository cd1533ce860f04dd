import { resolve } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { openWorkspaceLab, switchOff, switchOn, untilReady } from '../support/lab.ts'
import { slow as test } from '../support/slow-test.ts'
import type { KeyPair } from '../support/ssh.ts'
import { keyPairIn, runOn } from '../support/ssh.ts'
import { buildWorkspace } from '../support/workspace.ts'

const address = '192.168.10.11'

/** Of one node: `what` to what it is, such as a path to mode, owner and hash. */
type Traits = ReadonlyMap<string, string>

/** Made by each start or each node for itself, whatever sets it up. */
const ownToEach: readonly RegExp[] = [
  /^file \/etc\/(?:machine-id|ssh\/ssh_host_)/,
  // Written when k3s runs.
  /^file \/var\/lib\/rancher\/k3s\/(?:agent|server\/(?:cred|db|tls\/(?:client|server|temporary|serving|request|kube|dynamic|etcd\/(?:client|server|peer))))/,
  /^file \/var\/lib\/appliance\/(?:stamps\/|status$)/,
  /^file \/etc\/rancher\/k3s\/k3s\.yaml$/,
  // Bears the time of the lock, which is another one for another front end.
  /^file \/var\/lib\/appliance\/node\.conf$/,
]

/** What differs between the two; docs/provisioning.md says the same in words. */
const written: readonly RegExp[] = [
  // cloud-init, with its units and settings, and what its packages bring.
  /cloud-(?:init|config|final)|\/etc\/cloud\/|Z99-cloud/,
  /^(?:file|link) \/etc\/(?:alternatives\/(?:jsondiff|nc|netcat)$|inputrc$|ld\.so\.cache$|locale\.|mime\.types$|python3)/,
  /dhcpcd/,
  /^file \/etc\/timezone$/,
  /^file \/root\/\.ssh\/authorized_keys$/,
  // Ignition, and the first start that systemd sees behind it.
  /^file \/etc\/(?:\.ignition-result\.json|selinux\/config|sudoers\.d\/90-appliance)$/,
  /first-boot-complete\.target|systemd-machine-id-commit/,
  // A password that nobody has is written in two ways, and one of them names the zone by its whole path.
  /^file \/etc\/(?:passwd|shadow)-?$/,
  /^link \/etc\/localtime$/,
]

const lines = (text: string, kind: string, split: (line: string) => readonly [string, string]): Traits =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map(split)
      .map(([name, value]) => [`${kind} ${name}`, value]),
  )

const folders = '/etc /home /root /var/lib/appliance /var/lib/rancher'
const commands = {
  file: `sudo find ${folders} -xdev -type f -printf '%p\\t%m %u:%g ' -exec sh -c 'sha256sum <"$1" | cut -c 1-64' sh '{}' ';'`,
  link: `sudo find ${folders} -xdev -type l -printf '%p\\t%l\\n'`,
  user: `getent passwd | sed 's/:/\\t/'`,
  group: `getent group | sed 's/:/\\t/'`,
  'may log in by password': `sudo cut -d : -f 1,2 /etc/shadow | sed 's/:/\\t/; s/\\t[!*].*/\\tno/'`,
  unit: `systemctl list-unit-files --no-legend | awk '{ print $1 "\\t" $2 }'`,
  'enabled unit': `systemctl list-units --no-legend --plain --type=service,timer,socket,mount,target --state=active | awk '{ print $1 "\\t" $3 }'`,
} as const

let host: NodeHost
let key: KeyPair

beforeAll(async () => {
  host = createNodeHost()
  key = await keyPairIn(resolve('out/boot-tests/front-ends/keys'))
})
afterAll(() => host.close())

/** Builds the profile for a front end, starts it and looks at what came of it. The state of the cluster is the same. */
const traitsUnder = async (provision: 'cloud-init' | 'ignition'): Promise<Traits> => {
  const workspace = await buildWorkspace('front-ends', (profile) =>
    profile
      .replace('provision: cloud-init', `provision: ${provision}`)
      .replace(/ssh-ed25519 \S+ ops@example\.com/, key.publicKey),
  )
  const lab = await openWorkspaceLab(host, workspace)
  try {
    const node = await switchOn(lab, 'twin-1')
    await untilReady(host, lab, workspace.imageDirectory, node, address)
    await runOn(lab, address, key, 'systemctl is-system-running --wait || :')
    const traits = new Map<string, string>()
    for (const [kind, command] of Object.entries(commands)) {
      const found = lines(await runOn(lab, address, key, command), kind, (line) => {
        const [name = '', ...values] = line.split('\t')
        return [name, values.join('\t')]
      })
      for (const [name, value] of found) traits.set(name, value)
    }
    await switchOff([node])
    return traits
  } finally {
    await lab.close()
  }
}

test('arm64: cloud-init and Ignition set up the same node, but for a written list of differences', async () => {
  const [cloud, ignition] = [await traitsUnder('cloud-init'), await traitsUnder('ignition')]
  expect(cloud.size).toBeGreaterThan(300)
  const names = [...new Set([...cloud.keys(), ...ignition.keys()])].sort()
  const different = names
    .filter((name) => cloud.get(name) !== ignition.get(name))
    .filter((name) => ![...ownToEach, ...written].some((pattern) => pattern.test(name)))
    .map((name) => `${name}: ${cloud.get(name) ?? 'none'} | ${ignition.get(name) ?? 'none'}`)
  expect(different).toEqual([])
  expect(cloud.get('file /etc/rancher/k3s/config.yaml')).toBe(
    ignition.get('file /etc/rancher/k3s/config.yaml'),
  )
  expect([...written].filter((pattern) => !names.some((name) => pattern.test(name)))).toEqual([])
})
