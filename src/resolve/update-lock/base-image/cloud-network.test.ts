import { expect, test } from 'vitest'
import { cloudNetworkFault } from './cloud-network.ts'

const started = '/etc/systemd/system/multi-user.target.wants/NetworkManager.service'
const ifupdown = ['/usr/sbin/ifup', '/usr/sbin/ifdown', '/usr/sbin/ifquery', '/etc/network/interfaces']
const manager = ['/usr/bin/nmcli', started]

const faultOf = (files: readonly string[], renderers?: readonly string[], networkIn?: string) =>
  cloudNetworkFault(
    {
      exists: async (path) => files.includes(path),
      list: async (folder) =>
        files.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1)),
    },
    { renderers, networkIn },
  )

test.each([
  ['netplan alone', ['/usr/sbin/netplan'], undefined],
  ['without a merged /usr', ['/sbin/netplan'], undefined],
  ['beside NetworkManager, as on Raspberry Pi OS', ['/usr/sbin/netplan', ...manager], undefined],
  ['before ifupdown, by the settings', ['/usr/sbin/netplan', ...ifupdown], ['netplan', 'eni', 'networkd']],
  ['with ifupdown that has no file', ['/usr/sbin/netplan', ...ifupdown.slice(0, 3)], undefined],
])('netplan is what cloud-init takes: %s', async (_, files, renderers) => {
  expect(await faultOf(files, renderers)).toBeUndefined()
})

test.each([
  ['networkd', [], undefined, 'install netplan (`netplan.io` of Debian and Ubuntu) in it'],
  ['NetworkManager', manager, undefined, 'install netplan (`netplan.io` of Debian and Ubuntu) in it'],
  ['ifupdown', ifupdown, undefined, expect.stringMatching(/^install netplan .*, and put `system_info:/)],
  // cloud-init's own order, which Debian 13 leaves as it is.
  ['ifupdown', ['/usr/sbin/netplan', ...ifupdown], undefined, expect.stringMatching(/^put `system_info:/)],
  [
    'NetworkManager',
    ['/usr/sbin/netplan', ...manager],
    ['network-manager', 'netplan'],
    expect.stringMatching(/^put /),
  ],
  [
    'the files of /etc/sysconfig',
    [...ifupdown.slice(0, 2), '/etc/sysconfig/network-scripts/network-functions'],
    undefined,
    expect.stringMatching(/^install netplan [^,]*$/),
  ],
])('%s is not netplan', async (name, files, renderers, help) => {
  expect(await faultOf(files, renderers)).toEqual({
    code: 'L0095',
    message: `the cloud-init of the base image writes the network for ${name}, and nodes are described for netplan`,
    help,
  })
})

test('NetworkManager that does not start is nothing to cloud-init, nor is what it is not told to ask', async () => {
  expect(
    await faultOf(['/usr/bin/nmcli', '/usr/sbin/netplan'], ['network-manager', 'netplan']),
  ).toBeUndefined()
  expect(await faultOf(['/usr/sbin/netplan'], ['eni'])).toMatchObject({
    code: 'L0095',
    message: 'the cloud-init of the base image finds nothing that it can write a network for',
  })
})

test('settings of the base that go before those of a node', async () => {
  const path = '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg'
  expect(await faultOf(['/usr/sbin/netplan'], undefined, path)).toEqual({
    code: 'L0095',
    message: `${path} of the base image says what the network is, and cloud-init takes that in place of what a node is given`,
    help: 'take `network` out of that file in the image',
  })
})
