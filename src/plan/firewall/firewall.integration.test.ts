import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import type { ResolvedFirewall } from '../../resolve/firewall.ts'
import type { ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { sampleProfile } from '../testing.ts'
import { firewallText, plainFirewall } from './testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'appliance-firewall-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sample = sampleProfile()
const families: Readonly<Record<string, readonly [string, Partial<ResolvedFirewall>]>> = {
  ipv4: ['10.42.0.0/16', { nodes: ['192.168.10.0/24'], servers: ['192.168.10.11/32'] }],
  ipv6: ['fd00:42::/56', { nodes: ['fd00:10::/64'], servers: ['fd00:10::11/128'] }],
  both: ['10.42.0.0/16,fd00:42::/56', {}],
}

const profileOf = (backend: string, family: string, kind: 'sqlite' | 'etcd'): ResolvedProfile => {
  const [pods, sets] = families[family] ?? ['', {}]
  const firewall: ResolvedFirewall = {
    ...plainFirewall,
    ...sets,
    api: { networks: ['192.168.0.0/16', 'fd00:8::/64'], nodes: true },
    ssh: { networks: ['192.168.10.50/32'], nodes: false },
    trusted: ['10.60.0.0/16', 'fd00:60::/64'],
    allow: [
      { ports: ['9100', '30000-32767'], protocol: 'tcp', from: { networks: [], nodes: true } },
      { ports: ['514'], protocol: 'udp', from: 'anywhere' },
    ],
  }
  return sampleProfile({
    cluster: {
      ...sample.cluster,
      datastore: { kind } as ResolvedProfile['cluster']['datastore'],
      disable: [],
      config: { 'flannel-backend': backend, 'cluster-cidr': pods, 'embedded-registry': true },
    },
    site: { ...sample.site, firewall },
  })
}

const cases = ['vxlan', 'host-gw', 'wireguard-native', 'none'].flatMap((backend) =>
  Object.keys(families).flatMap((family) =>
    (['bakery-1', 'oven-1'] as const).map((name) => [backend, family, name] as const),
  ),
)

/** A network namespace of its own: rules of this machine are out of reach. */
const inNamespace = (script: string, ...args: readonly string[]): string =>
  execFileSync('unshare', ['-rnm', 'sh', '-euc', script, 'sh', ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  })

const write = (name: string, text: string | undefined): string => {
  const path = join(folder, name)
  writeFileSync(path, text ?? '')
  return path
}

test.each(cases)('nft takes the rules: %s, %s, %s', (backend, family, name) => {
  const path = write('check.nft', firewallText(profileOf(backend, family, 'etcd'), name))
  const listed = inNamespace('nft -c -f "$1"; nft -f "$1"; nft list table inet appliance', path)
  expect(listed).toMatch(/hook input priority filter; policy drop;/)
})

test("a reload replaces our table whole, and every other table stays as it was, k3s's among them", () => {
  const before = write('before.nft', firewallText(profileOf('vxlan', 'both', 'sqlite'), 'bakery-1'))
  const after = write('after.nft', firewallText(profileOf('host-gw', 'both', 'sqlite'), 'bakery-1'))
  const broken = write(
    'broken.nft',
    `${firewallText(profileOf('none', 'both', 'sqlite'), 'bakery-1')}nonsense\n`,
  )
  const out = inNamespace(
    `nft -f "$1"
     # As kube-proxy, flannel and kube-router leave them: iptables-nft's own tables, with chains and a rule each.
     nft 'table ip nat { chain KUBE-SERVICES { }; chain POSTROUTING { type nat hook postrouting priority srcnat; ip saddr 10.42.0.0/16 masquerade; }; }'
     nft 'table ip filter { chain KUBE-FORWARD { ct state invalid drop; }; chain FORWARD { type filter hook forward priority filter; jump KUBE-FORWARD; }; }'
     nft 'table ip6 nat { chain KUBE-SERVICES { }; }'
     others() { nft list table ip nat; nft list table ip filter; nft list table ip6 nat; }
     others >"$4.old"
     nft -f "$2"; nft -f "$2"
     others >"$4.new"
     cmp "$4.old" "$4.new" && echo others-kept
     ! nft list table inet appliance | grep -q 8472 && echo replaced
     ! nft -f "$3" 2>/dev/null && nft list table inet appliance | grep -q 'policy drop' && echo broken-changes-nothing`,
    before,
    after,
    broken,
    join(folder, 'others'),
  )
  expect(out.trim().split('\n')).toEqual(['others-kept', 'replaced', 'broken-changes-nothing'])
})

/** Says for each `<sender> <protocol> <port>` whether it was let in. Listeners and senders are in two namespaces, joined by a wire. */
const probe = `
const net = require('node:net'), dgram = require('node:dgram')
const [role, ...words] = process.argv.slice(1)
const answers = (protocol, from, host, port) => new Promise((done) => {
  if (protocol === 'udp') {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
    const end = (said) => { socket.close(); done(said) }
    const timer = setTimeout(() => end('closed'), 1000)
    socket.on('message', () => { clearTimeout(timer); end('open') })
    socket.on('error', () => {})
    socket.bind({ address: from }, () => socket.send('x', port, host))
    return
  }
  const socket = net.connect({ host, port, localAddress: from, timeout: 1000 })
  const end = (said) => { socket.destroy(); done(said) }
  socket.on('connect', () => end('open')).on('timeout', () => end('closed')).on('error', (error) => end(error.code))
})
if (role === 'listen') {
  const [tcp, udp] = words.map((list) => list.split(',').map(Number))
  for (const port of tcp) net.createServer((socket) => socket.end()).listen(port, '::')
  for (const port of udp) {
    const socket = dgram.createSocket({ type: 'udp6' })
    socket.on('message', (text, { address, port: back }) => socket.send(text, back, address)).bind(port)
  }
  setTimeout(() => process.stdout.write('ready\\n'), 300)
} else {
  const all = words.map(async (word) => {
    const [protocol, from, host, port] = word.split('|')
    return word + ' ' + (await answers(protocol, from, host, Number(port)))
  })
  Promise.all(all).then((lines) => process.stdout.write(lines.join('\\n') + '\\n'))
}`

test('packets: nodes, strangers and pods reach what they may, by both families and through a NodePort', async () => {
  const profile = profileOf('vxlan', 'both', 'etcd')
  const firewall: ResolvedFirewall = {
    ...plainFirewall,
    nodes: ['192.168.10.11/32', '192.168.10.12/32', '192.168.10.13/32', 'fd00:10::12/128'],
    servers: ['192.168.10.11/32', '192.168.10.13/32'],
    allow: [
      { ports: ['9100', '30080'], protocol: 'tcp', from: { networks: ['192.168.10.50/32'], nodes: false } },
    ],
  }
  const rules = write(
    'packets.nft',
    firewallText({ ...profile, site: { ...profile.site, firewall } }, 'bakery-1'),
  )
  const [node, stranger, other, server] = ['192.168.10.11', '192.168.10.50', '192.168.10.12', '192.168.10.13']
  const expected: readonly (readonly [string, string])[] = [
    [`tcp|${stranger}|${node}|22`, 'open'],
    [`tcp|${stranger}|${node}|6443`, 'open'],
    [`tcp|${stranger}|${node}|10250`, 'closed'],
    [`tcp|${stranger}|${node}|2379`, 'closed'],
    [`udp|${stranger}|${node}|8472`, 'closed'],
    [`tcp|${stranger}|${node}|9100`, 'open'],
    [`tcp|192.168.10.51|${node}|9100`, 'closed'],
    [`tcp|${other}|${node}|10250`, 'open'],
    [`udp|${other}|${node}|8472`, 'open'],
    [`tcp|${other}|${node}|2379`, 'closed'],
    [`tcp|${server}|${node}|2379`, 'open'],
    [`tcp|fd00:10::12|fd00:10::11|10250`, 'open'],
    [`tcp|fd00:10::50|fd00:10::11|10250`, 'closed'],
    [`tcp|fd00:10::50|fd00:10::11|6443`, 'open'],
    // A NodePort that is open to one stranger alone, and one that is open to nobody; both lead to a pod.
    [`tcp|${stranger}|${node}|30080`, 'open'],
    [`tcp|192.168.10.51|${node}|30080`, 'closed'],
    [`tcp|${stranger}|${node}|30081`, 'closed'],
    [`tcp|${other}|${node}|30081`, 'open'],
    // Straight to the pod, by a route that anybody on the site may make.
    [`tcp|${stranger}|10.42.0.5|8080`, 'closed'],
    [`tcp|${other}|10.42.0.5|8080`, 'open'],
  ]
  const { stdout } = await promisify(execFile)(
    'unshare',
    [
      ...['-rnm', 'sh', '-euc'],
      `mount -t tmpfs none /run
       ip netns add site; ip netns add pod
       ip link set lo up
       ip link add wire type veth peer name eth0 netns site
       ip link add cni0 type veth peer name eth0 netns pod
       ip address add 192.168.10.11/24 dev wire; ip address add fd00:10::11/64 dev wire nodad; ip link set wire up
       ip address add 10.42.0.1/24 dev cni0; ip link set cni0 up
       ip netns exec pod sh -c 'ip link set lo up; ip address add 10.42.0.5/24 dev eth0; ip link set eth0 up; ip route add default via 10.42.0.1'
       ip netns exec site sh -c 'for a in 12 13 50 51; do ip address add 192.168.10.$a/24 dev eth0; done
         for a in 12 50; do ip address add fd00:10::$a/64 dev eth0 nodad; done
         ip link set eth0 up; ip route add 10.42.0.0/16 via 192.168.10.11'
       echo 1 >/proc/sys/net/ipv4/ip_forward
       # The kernel joins the groups of neighbour discovery some time after an interface is up.
       sleep 1
       # What kube-proxy does for a Service of type NodePort.
       nft 'table ip nat { chain PREROUTING { type nat hook prerouting priority dstnat; tcp dport { 30080, 30081 } dnat to 10.42.0.5:8080; }; }'
       nft -f "$1"
       serve() { mkfifo "$3/$4"; $5 "$2" -e "$PROBE" listen "$6" "$7" >"$3/$4" & read -r ready <"$3/$4"; }
       serve - "$2" "$3" node '' 22,6443,10250,2379,9100 8472; first=$!
       serve - "$2" "$3" pod 'ip netns exec pod' 8080 9; second=$!
       shift 3
       ip netns exec site "$NODE" -e "$PROBE" ask "$@"
       # And from a pod to its node, whatever the port.
       ip netns exec pod "$NODE" -e "$PROBE" ask 'tcp|10.42.0.5|192.168.10.11|10250'
       kill $first $second`,
      ...['sh', rules, process.execPath, folder],
      ...expected.map(([word]) => word),
    ],
    {
      env: {
        ...process.env,
        PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
        PROBE: probe,
        NODE: process.execPath,
      },
    },
  )
  expect(stdout.trim().split('\n')).toEqual([
    ...expected.map(([word, said]) => `${word} ${said}`),
    'tcp|10.42.0.5|192.168.10.11|10250 open',
  ])
})
