import fc from 'fast-check'
import { expect, test } from 'vitest'
import { everyBase } from './kept.ts'
import { brokenByCommand, endsTheStart } from './node-commands.ts'
import type { Command } from './shell-words.ts'
import { keptBeside } from './spared-units.ts'

const settings = "k3s's own settings"
const state = "k3s's own state"
const accounts = 'the list of accounts'
const ownUnit = 'a unit that this node starts by'
const startsBy = 'what this node starts by'
const rules = 'takes away the rules by which k3s reaches its pods'
const dropped = 'drops what pods and nodes say to each other'

test.each<readonly [Command, string]>([
  ['systemctl --now mask k3s', 'stops `k3s.service`, a unit that this node lives by'],
  ['true; systemctl stop appliance-verify.timer', 'stops `appliance-verify.timer`, a unit'],
  ["systemctl stop 'k3s*'", 'a unit that this node lives by'],
  ['systemctl revert k3s', ownUnit],
  ['systemctl disable appliance-wifi@wlan0', 'stops `appliance-wifi@wlan0.service`'],
  ['systemctl isolate rescue.target', 'takes the node to where neither ssh nor k3s runs'],
  ['systemctl isolate rescue', 'takes the node to where neither ssh nor k3s runs'],
  ['systemctl set-default rescue.target', 'takes the node to where neither ssh nor k3s runs'],
  ['systemctl rescue', 'takes the node to where neither ssh nor k3s runs'],
  ['telinit 1', 'takes the node to where neither ssh nor k3s runs'],
  ['service k3s stop', 'stops `k3s.service`'],
  ['update-rc.d k3s disable', 'stops `k3s.service`'],
  ['pkill -9 k3s', 'stops k3s'],
  ['k3s-killall.sh', 'removes k3s'],
  ['curl -sfL https://get.k3s.io | sh -', 'installs another k3s over the one of the image'],
  ['cloud-init clean --logs', 'has all of this done again at the next start'],
  ['nmcli networking off', 'takes the network away'],
  ['nmcli n off', 'takes the network away'],
  ['nft flush ruleset', rules],
  [['nft', 'flush', 'ruleset'], rules],
  ['nft flush table ip nat', rules],
  ["nft 'add chain inet a b { type filter hook forward priority 0; policy drop; }'", dropped],
  ['iptables -t nat -F', rules],
  ['iptables -F FORWARD', rules],
  ['/usr/sbin/ip6tables --flush KUBE-SERVICES', rules],
  ['nft -f - <<EOF\nflush ruleset\nEOF', rules],
  ["echo 'flush ruleset' | nft -f -", rules],
  ['iptables -P FORWARD DROP', dropped],
  ['sudo iptables -w 5 --policy INPUT REJECT', dropped],
  ['ufw --force enable', dropped],
  ['iptables -I INPUT -j DROP', dropped],
  [
    'iptables -w -t filter -A FORWARD -m comment --comment "the rest" -j REJECT --reject-with icmp-port-unreachable',
    dropped,
  ],
  ['ip6tables -I INPUT 1 -j DROP', dropped],
  [
    "nft 'add chain inet a b { type filter hook input priority 0; tcp dport { 22, 80 } accept; counter drop; }'",
    dropped,
  ],
  ['ln -sf /usr/lib/systemd/system/rescue.target /etc/systemd/system/default.target', 'takes the node to'],
  ['rsync -a --delete /root/etc/ /etc/', ownUnit],
  ['rm -rf /etc/ssh', 'which holds `/etc/ssh/sshd_config`, what people come in by'],
  ['rm -rf /etc/ssh/*', 'what people come in by'],
  ['k3s server --cluster-reset', 'makes the cluster anew'],
  [
    'printf "[Manager]\\nDefaultEnvironment=K3S_CONFIG_FILE=/x\\n" >/etc/systemd/system.conf.d/x.conf',
    'gives k3s other settings',
  ],
  ['systemctl enable --now ufw', 'starts `ufw.service`'],
  [['systemctl', 'start', 'firewalld'], 'starts `firewalld.service`'],
  ['sysctl -w net.ipv4.ip_forward=0', 'keeps the node from forwarding what pods say'],
  ['echo 0 >/proc/sys/net/ipv4/ip_forward', 'keeps the node from forwarding what pods say'],
  ['iptables-restore </etc/iptables.rules', rules],
  ['cd /etc/rancher && rm -rf k3s', settings],
  ['(cd /etc/systemd/system; ln -sf /dev/null k3s.service)', ownUnit],
  ['for t in nat filter; do iptables -t $t -F; done', rules],
  ['cat /root/x | sudo tee /etc/passwd >/dev/null', accounts],
  ['rm -rf --no-preserve-root /', ownUnit],
  ['dd if=/dev/zero of=/dev/disk/by-label/CIDATA', 'writes to a partition of the image'],
  ['mkfs.ext4 -F /dev/disk/by-partlabel/data', 'writes to a partition of the image'],
  ['mount /dev/sda1 /var/lib', 'changes `/var/lib`, which holds `/var/lib/rancher`'],
  ['mount -t tmpfs tmpfs /etc', ownUnit],
  ['mount --bind /srv/k3s /var/lib/rancher/k3s', state],
  [
    "echo '/dev/sda1 /var/lib/rancher ext4 defaults 0 2' >> /etc/fstab",
    `mounts over \`/var/lib/rancher\`, ${state}`,
  ],
  ["printf '/dev/sda1 /var/lib ext4 defaults 0 2\\n' | sudo tee -a /etc/fstab", 'mounts over `/var/lib`'],
  ['cat >>/etc/fstab <<EOF\n# more room\nUUID=a /var ext4 defaults 0 2\nEOF', 'mounts over `/var`'],
  [
    'cat >/etc/modprobe.d/cis.conf <<EOF\ninstall cramfs /bin/false\ninstall br-netfilter /bin/false\nEOF',
    'keeps the kernel from loading `br_netfilter`',
  ],
  ["printf 'net.ipv4.ip_forward=0\\n' | tee /etc/sysctl.d/x.conf", 'keeps the node from forwarding'],
  ["printf '%s\\n' a=1 net.ipv4.ip_forward=0 >/etc/sysctl.d/x.conf", 'keeps the node from forwarding'],
  [
    'cat > /etc/systemd/system/x.service <<EOF\n[Service]\nExecStart=systemctl stop k3s\nEOF\nsystemctl enable x',
    'stops `k3s.service`',
  ],
  ['mount /run/appliance/disk/seed /mnt', 'the state of the launcher'],
  ['cat a | tee -a "/etc/rancher/k3s/config.yaml"', settings],
  ['echo a >>/var/lib/rancher/x', state],
  ['echo a 2>/var/lib/rancher/x', state],
  ['cat >/etc/rancher/k3s/config.yaml <<EOF\na: b\nEOF', settings],
  ['ln -sf /tmp/x /etc/rancher/k3s/config.yaml', settings],
  ['cp a b /var/lib/rancher/k3s/server/manifests/', state],
  ['mv /var/lib/rancher /srv/', state],
  ["sed -i 's/a/b/' /etc/rancher/k3s/config.yaml", settings],
  [['sh', '-c', 'rm -rf /var/lib/rancher'], state],
  ["bash -euc 'if true; then sudo -n rm -rf /var/lib/rancher; fi'", state],
  ['[ -e /x ] && { rm -rf "/var/lib/rancher"; }', state],
  ['x=$(rm -rf /var/lib/rancher)', state],
  ['rm -rf /var/lib/rancher/*', state],
  ['rm -rf /var/lib', state],
  ['rm -rf /etc/*', 'changes `/etc/*`, which holds `/etc/systemd/system/k3s.service`, a unit'],
  ['rm -rf /*', ownUnit],
  ['rm -rf /etc/systemd/system', ownUnit],
  ['find /var/lib/rancher -name "*.db" -delete', state],
  ['chmod -R 777 /etc', ownUnit],
  ['chmod -R 755 /etc', ownUnit],
  ['chmod -R 644 /usr/local/bin', 'which holds `/usr/local/bin/k3s`'],
  ['chown -R ops /usr/local', 'which holds `/usr/local/bin/k3s`'],
  ['cd /etc/rancher; (ls); rm -rf k3s', settings],
  ['cd /etc; (cd rancher; cd /srv); (cd /etc/rancher; rm -rf k3s)', settings],
  ["cd /etc/rancher && (ls; sh -c 'rm -rf k3s')", settings],
  ['/bin/dd if=/dev/zero of=/var/lib/rancher/x', state],
  ['mkdir -p /etc/systemd/system/k3s.service.d', ownUnit],
  ["printf '[Service]' > /etc/systemd/system/k3s.service.d/override.conf", ownUnit],
  ['cp /root/k3s.service /etc/systemd/system/k3s.service', ownUnit],
  ['cp /root/k3s.service /etc/systemd/system/', ownUnit],
  ['install -m 644 -t /etc/systemd/system /root/k3s.service', ownUnit],
  [['rm', '/etc/systemd/system/k3s.service'], ownUnit],
  ['rm -f /etc/systemd/system/k3s*', ownUnit],
  ['rm /lib/systemd/system/k3s.service', ownUnit],
  ['ln -sf /dev/null /etc/systemd/system/k3s.service', ownUnit],
  ['mkdir /etc/systemd/system/service.d', "settings of k3s's unit too"],
  ['touch /etc/systemd/system/appliance-.service.d/x.conf', "settings of k3s's unit too"],
  ['echo K3S_CONFIG_FILE=/x >/etc/systemd/system/k3s.service.env', 'the environment of k3s'],
  ['echo K3S_CONFIG_FILE=/x >/etc/sysconfig/k3s', 'the environment of k3s'],
  ['sed -i /ops/d /etc/passwd', accounts],
  ['tee /etc/shadow', accounts],
  ['cp passwd /etc/', accounts],
  ['truncate -s 0 /etc/machine-id', 'the number of this node'],
  ['rm -rf /usr/lib/appliance', startsBy],
  ['rm -rf /lib/appliance', startsBy],
  ['rm -f /usr/local/bin/k3s', startsBy],
  ['curl -Lo /usr/local/bin/k3s https://example.com/k3s', startsBy],
])('%s', (command, harm) => {
  expect(brokenByCommand(command)?.what).toContain(harm)
})

const harmless: readonly Command[] = [
  'cat /etc/passwd',
  'cp /etc/rancher/k3s/k3s.yaml /root/kubeconfig',
  'cp /etc/rancher/k3s/k3s.yaml /root/',
  'cp -a /etc/rancher /var/lib/rancher/k3s/server/manifests /backup',
  'rsync -a /var/lib/rancher/ /backup/',
  'tar czf /root/backup.tgz /var/lib/rancher /etc/passwd',
  'grep -q token /etc/rancher/k3s/config.yaml && echo yes > /run/found',
  'ln -s /var/lib/rancher/k3s/agent/etc /root/etc',
  "sed -n 's/a/b/p' /etc/rancher/k3s/config.yaml >/root/b",
  'ls /var/lib/rancher; rm /tmp/x',
  'find /var/lib/rancher -name "*.yaml" -exec cat {} \\;',
  'find / -name "*.pyc" -delete',
  'systemctl --user stop k3s',
  'iptables-save >/root/rules; iptables-restore -n </root/more',
  'cd /srv/site && rm -rf etc/rancher; cp -r etc/. /etc/',
  'until k3s kubectl get nodes; do sleep 2; done >/var/log/wait.log 2>&1',
  'swapoff -a && sed -i /swap/d /etc/fstab && echo 1 >/proc/sys/net/ipv4/ip_forward',
  "sed -i 's/^#PasswordAuthentication.*/PasswordAuthentication no/' /etc/ssh/sshd_config",
  'apt-get purge -y snapd && rm -rf /snap /var/snap /var/lib/snapd /var/cache/* /usr/share/doc/*',
  'mount /dev/disk/by-label/SCALE /mnt',
  'mount -o remount,rw / && mount --make-rshared /',
  'mount /dev/sda1 /home; mount -t tmpfs tmpfs /tmp',
  "echo '/dev/sda1 /srv ext4 defaults 0 2' >>/etc/fstab",
  "echo 'tmpfs /var/log tmpfs defaults 0 0' | tee -a /etc/fstab",
  "echo 'install cramfs /bin/false' >/etc/modprobe.d/cis.conf",
  "echo 'install overlay /sbin/modprobe --ignore-install overlay' >/etc/modprobe.d/a.conf",
  'echo a || tee /etc/sysctl.d/x.conf <<EOF\nnet.ipv4.ip_forward=1\nEOF',
  "echo 'net.ipv4.ip_forward=0' >/root/notes",
  'dd if=/dev/disk/by-partlabel/data of=/root/image',
  'iptables -A INPUT -p tcp --dport 80 -j ACCEPT',
  'iptables -N SCALE; iptables -F SCALE',
  'iptables -A INPUT -s 192.0.2.0/24 -j DROP; iptables -A INPUT -p tcp --dport 23 -j REJECT; iptables -A SCALE -j DROP',
  "nft 'add chain inet a b { type filter hook input priority 0; tcp dport { 23 } drop; }'",
  'nft \'add chain inet a b { type filter hook forward priority 0; iifname { "cni0" } accept; drop; }\'',
  'ln -sf /usr/lib/systemd/system/multi-user.target /etc/systemd/system/default.target',
  'rsync -a --delete /root/site/ /srv/site/; rsync -a /root/etc/ /etc/',
  'rm -f /etc/ssh/ssh_host_*; rm /etc/ssh/sshd_config.d/50-cloud-init.conf',
  'mv /etc/ssh/sshd_config /etc/ssh/sshd_config.orig && cp /root/sshd_config /etc/ssh/',
  'k3s server --help',
  "echo 'DefaultEnvironment=TZ=UTC' >/etc/systemd/system.conf.d/x.conf",
  'iptables -P FORWARD ACCEPT',
  'nft add table inet scale; nft flush table inet scale',
  'nft -f /etc/nftables.d/scale.nft',
  'nft -f - <<EOF\ntable inet scale { }\nEOF\necho flush ruleset',
  'ufw allow 22/tcp',
  'ufw status',
  'systemctl disable --now ufw firewalld',
  'systemctl restart k3s',
  'systemctl status k3s',
  'systemctl enable --now scale.service',
  'systemctl set-default multi-user.target',
  'systemctl isolate multi-user.target',
  'journalctl -u k3s >/root/log',
  'nmcli networking on',
  'sysctl -w net.ipv4.ip_forward=1',
  'sysctl --system',
  'rm -f /var/lib/rancher-of-mine',
  'rm -rf /var/lib/apt/lists/* /tmp/* /var/log/*',
  'mkdir -p /etc/systemd/system/scale.service.d',
  'cp /root/scale.service /etc/systemd/system/',
  'echo "ops:100000:65536" >>/etc/subuid',
  'echo "10.0.0.5 registry" >>/etc/hosts',
  'echo "rm -rf /var/lib/rancher; systemctl stop k3s"',
  '# rm -rf /var/lib/rancher',
  'cat >/root/notes <<EOF\nrm -rf /var/lib/rancher\nEOF\ndate',
  "cat <<-'EOF' >/usr/local/sbin/backup\n\tsystemctl stop k3s\n\tEOF",
  'apt-get install -y /root/k3s-tools.deb',
  'k3s kubectl get nodes',
  'usermod -aG docker ops',
  'chmod -R 755 /usr/local/bin',
  'chmod -R a+rX,go-w /usr/local /opt',
  'chown -R root:root /usr/local/bin',
  '(cd /etc/rancher && ls); rm -rf k3s',
  '(cd /etc/rancher; ls); (cd /srv; rm -rf k3s); (rm -rf k3s)',
  "sh -c 'cd /etc/rancher; ls'; sh -c 'rm -rf k3s'",
  'case $1 in a) cd /etc/rancher ;; b) cd /srv ;; esac; rm -rf k3s',
  'chown -R ops:ops /home/ops',
  ['logger', 'rm /etc/passwd; systemctl stop k3s'],
  ['echo', '>/etc/passwd'],
]

test.each(harmless.map((command) => [command]))('lets be: %s', (command) => {
  expect(brokenByCommand(command)).toBeUndefined()
})

const onBase = {
  ...everyBase,
  units: ['ssh.service', 'ssh.socket', 'NetworkManager.service'],
  ruleLoaders: ['nftables.service'],
  ruleFiles: ['/etc/nftables.conf'],
  users: ['ops'],
  places: [
    {
      folder: '/etc/fstab',
      by: 'of the base',
      instead: 'add lines',
      bears: ['touched' as const, 'added' as const],
    },
    { folder: '/etc/netplan', by: 'the network', instead: 'the profile', bears: ['touched' as const] },
    { folder: '/boot/firmware/meta-data', by: startsBy, instead: 'no' },
  ],
}

test.each<readonly [Command, string]>([
  ['systemctl disable --now NetworkManager', 'stops `NetworkManager.service`'],
  ['systemctl mask ssh.socket', 'stops `ssh.socket`'],
  ['service ssh stop', 'stops `ssh.service`'],
  ['/etc/init.d/ssh stop', 'stops `ssh.service`'],
  ['ln -sf /dev/null /etc/systemd/system/ssh.service', 'a unit that this node lives by'],
  ['rm /etc/systemd/system/multi-user.target.wants/ssh.service', 'a unit that this node lives by'],
  ['systemctl enable --now nftables', 'starts `nftables.service`'],
  ['nft -f /etc/nftables.conf', rules],
  ['userdel -r ops', 'locks `ops` out'],
  ['usermod -s /usr/sbin/nologin ops', 'locks `ops` out'],
  ['echo a >/etc/fstab', 'of the base'],
  ['rm -rf /boot', startsBy],
  ['chage -E 0 ops', 'locks `ops` out'],
  ['chage -d 0 ops', 'locks `ops` out'],
  ['passwd --expire ops', 'locks `ops` out'],
  ['echo "network: {}" >> /etc/netplan/99-x.yaml', 'the network'],
  ["sed -i 's/true/false/' /etc/netplan/50-cloud-init.yaml", 'the network'],
  ['netplan set ethernets.eth0.dhcp4=false', 'changes the network'],
  ['rm /boot/firmware/meta-data', startsBy],
])('on a base: %s', (command, harm) => {
  expect(brokenByCommand(command, onBase)?.what).toContain(harm)
  expect(brokenByCommand(command)).toBeUndefined()
})

test.each<readonly [Command]>([
  ['systemctl restart ssh NetworkManager'],
  ['systemctl status ssh'],
  ['mkdir -p /etc/systemd/system/ssh.service.d'],
  ['echo a >>/etc/fstab'],
  ["sed -i '/swap/d' /etc/fstab"],
  ['mount /dev/disk/by-label/bootfs /boot/firmware'],
  ['chage -E -1 -M 90 ops'],
  ['chage -E 0 pi'],
  ['passwd -l ops'],
  ['chmod 600 /etc/netplan/*.yaml; netplan apply; netplan get'],
  ['usermod -aG video ops'],
  ['userdel pi'],
  ['echo dtparam=spi=on >>/boot/firmware/config.txt'],
])('and lets be: %s', (command) => {
  expect(brokenByCommand(command, onBase)).toBeUndefined()
})

test('ssh may change from a socket to a service', () => {
  const commands = ['systemctl disable --now ssh.socket', 'systemctl enable --now ssh.service']
  const beside = keptBeside(onBase, { commands })
  expect(commands.map((command) => brokenByCommand(command, beside))).toEqual([undefined, undefined])
  expect(brokenByCommand('systemctl disable --now ssh.socket', onBase)).toBeDefined()
})

test('however a command is led to and quoted, what it does is the same', () => {
  const leads = [
    '',
    'sudo ',
    'sudo -u root ',
    'nohup ',
    'A=b env ',
    'timeout 5 ',
    'true && ',
    'false || ',
    '! ',
    '( ',
  ]
  const path = fc.constantFrom('/etc/rancher/k3s/config.yaml', '/etc/passwd', '/usr/lib/appliance/launcher')
  const quoted = fc.constantFrom(
    (word: string) => word,
    (word: string) => `'${word}'`,
    (word: string) => `"${word}"`,
    (word: string) => `${word.slice(0, 3)}""${word.slice(3)}`,
    (word: string) => word.replace('/', '/../'),
  )
  fc.assert(
    fc.property(fc.constantFrom(...leads), path, quoted, fc.boolean(), (lead, place, quote, inShell) => {
      const change = `${lead}rm -f ${quote(place)}`
      const reading = `${lead}cat ${quote(place)}`
      const wrap = (command: string): Command => (inShell ? ['sh', '-c', command] : command)
      expect(brokenByCommand(wrap(change))).toBeDefined()
      expect(brokenByCommand(wrap(reading))).toBeUndefined()
    }),
  )
})

test('no text is too much for it', () => {
  const piece = fc.constantFrom(
    ...[...`'"\\$()\`|&;<>#{}*? \n`, 'rm', '/etc', '<<EOF', 'EOF', '>&2', '2>', 'sh -c'],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      brokenByCommand(pieces.join(''))
      endsTheStart(pieces)
    }),
  )
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
