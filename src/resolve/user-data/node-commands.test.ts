import { expect, test } from 'vitest'
import { brokenByCommand, endsTheStart, stoppedUnits } from './node-commands.ts'

const kept = 'writes where k3s and this node keep what is theirs'

test.each([
  ['systemctl --now mask k3s', 'stops a unit that this node lives by'],
  ['true; systemctl stop appliance-verify.timer', 'stops a unit that this node lives by'],
  ['service k3s stop', 'stops a unit that this node lives by'],
  ['pkill -9 k3s', 'stops a unit that this node lives by'],
  ['k3s-killall.sh', 'removes k3s'],
  ['curl -sfL https://get.k3s.io | sh -', 'installs another k3s over the one of the image'],
  ['nft flush ruleset', 'takes away the rules by which k3s reaches its pods'],
  ['iptables -t nat -F', 'takes away the rules by which k3s reaches its pods'],
  ['dd if=/dev/zero of=/dev/disk/by-label/CIDATA', 'writes to a partition of the image'],
  ['mkfs.ext4 -F /dev/disk/by-partlabel/data', 'writes to a partition of the image'],
  ['mount /run/appliance/disk/seed /mnt', kept],
  ['cat a | tee -a "/etc/rancher/k3s/config.yaml"', kept],
  ['echo a >>/var/lib/rancher/x', kept],
  ['ln -sf /tmp/x /etc/rancher/k3s/config.yaml', kept],
  ['cp a b /var/lib/rancher/k3s/server/manifests/', kept],
  ["sed -i 's/a/b/' /etc/rancher/k3s/config.yaml", kept],
  ['sh -c rm -rf /var/lib/rancher', kept],
  ['/bin/dd if=/dev/zero of=/var/lib/rancher/x', kept],
])('%s', (command, harm) => {
  expect(brokenByCommand(command)).toBe(harm)
})

test.each([
  'cp /etc/rancher/k3s/k3s.yaml /root/kubeconfig',
  'ln -s /var/lib/rancher/k3s/agent/etc /root/etc',
  "sed -n 's/a/b/p' /etc/rancher/k3s/config.yaml >/root/b",
  'ls /var/lib/rancher; rm /tmp/x',
  'mount /dev/disk/by-label/SCALE /mnt',
  'iptables -A INPUT -p tcp --dport 80 -j ACCEPT',
  'systemctl restart k3s',
  'rm -f /var/lib/rancher-of-mine',
])('lets be: %s', (command) => {
  expect(brokenByCommand(command)).toBeUndefined()
})

test('units that a command stops have their type', () => {
  expect(stoppedUnits('systemctl disable --now ssh getty@tty1.service && systemctl start a')).toEqual([
    'ssh.service',
    'getty@tty1.service',
  ])
})

test.each(['reboot', 'systemctl poweroff', '/sbin/shutdown -h now', 'true && reboot -f', 'init 6'])(
  'ends a start: %s',
  (command) => {
    expect(endsTheStart(command)).toBe(true)
  },
)

test.each(['echo reboot', 'rm /var/run/reboot-required', 'systemctl enable reboot-guard', 'uinit 6'])(
  'ends no start: %s',
  (command) => {
    expect(endsTheStart(command)).toBe(false)
  },
)
