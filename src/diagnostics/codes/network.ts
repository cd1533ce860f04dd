import type { CodeEntry } from './entry.ts'

/** R13: the firewall of the site, registries, and the network of the cluster. */
export const networkRuleCodes = {
  R1301: {
    title: 'malformed network in the firewall',
    explanation:
      'The firewall takes addresses and networks: `192.168.10.5`, `192.168.10.0/24`, `fd00:10::/64`. A network is written by its first address. Only `from` of an opening also takes the word `nodes`.',
  },
  R1302: {
    title: 'firewall that does not know where nodes come from',
    explanation:
      'Nodes reach each other on ports that are closed to everybody else (the overlay network of the pods among them, which is never open to the outside). The firewall knows static addresses; where DHCP gives a node its address, `site.firewall.nodes` must name the networks that nodes come from.',
  },
  R1303: {
    title: 'range of ports that ends before it starts',
    explanation: 'A range is written as `30000-32767`: the lower port first, and none above 65535.',
  },
  R1304: {
    title: 'overlay network opened to the outside',
    explanation:
      'Whoever can send to the ports on which nodes carry the packets of pods (8472/udp with vxlan) can send to every pod and Service of the cluster. They are open between nodes without being asked for, and to nobody else.',
  },
  R1310: {
    title: 'malformed registry',
    explanation:
      'A registry is named by its host, with a port where it has one of its own: `docker.io`, `registry.example.com:5000`, or `"*"` for every registry that is not named. No scheme and no path.',
  },
  R1311: {
    title: 'malformed endpoint of a registry',
    explanation:
      'An endpoint is `https://host` or `http://host`, with a port where it has one. k3s adds `/v2`; an address with another path is taken as it is. User and password belong into `configs.<host>.auth`.',
  },
  R1312: {
    title: 'rewrite that k3s cannot use',
    explanation:
      'Names are rewritten by regular expressions of Go (RE2), which have no lookahead, no lookbehind and no back references; the replacement names groups as `$1`.',
  },
  R1313: {
    title: 'credentials for a registry that nobody asks',
    explanation:
      'k3s uses an entry of `configs` for the registry of that name and for endpoints on that host. With neither a mirror nor an endpoint of that name it is only used for images that name the registry themselves; often the port is missing or the name is misspelt.',
  },
  R1314: {
    title: 'password sent in the clear, or to anybody',
    explanation:
      'With an endpoint by http, or with `insecureSkipVerify`, whoever is on the way between a node and the registry reads the password and may change the images.',
  },
  R1315: {
    title: 'setting of registries that this k3s does not know',
    explanation:
      'The embedded registry and `defaultEndpoint: false` came with v1.26.13, v1.27.10, v1.28.6 and v1.29.1; the registry `"*"` works since v1.26.15, v1.27.12, v1.28.8 and v1.29.3. Older releases pass over it without a word.',
  },
  R1316: {
    title: 'half of what a registry asks for',
    explanation:
      'User and password belong together, a token stands alone, and a client certificate needs its key.',
  },
  R1317: {
    title: 'one key of k3s from two places of the profile',
    explanation:
      'A part of the profile that has keys of its own becomes a key of config.yaml. The same key below `config`, `agentConfig` or a node would win or lose silently.',
  },
  R1320: {
    title: 'host-gw across networks',
    explanation:
      'The flannel backend `host-gw` sends packets for pods straight to the node that has them, as to a gateway. That works only between neighbours: all nodes in one network, without a router between them.',
  },
  R1321: {
    title: 'no network for pods',
    explanation:
      "With `flannel-backend: none` k3s brings no network for pods, and no node becomes ready before a CNI of your own does. Its manifests or its chart belong under `images`, and its images on board; k3s's own network policies are then often disabled, too (`disable-network-policy: true`).",
  },
  R1325: {
    title: 'file that CoreDNS does not read',
    explanation:
      'CoreDNS of k3s reads files of the ConfigMap `coredns-custom` whose names end in `.server` (whole server blocks) or `.override` (lines for the block of the cluster). Others are passed over without a word.',
  },
  R1326: {
    title: 'settings for a CoreDNS that is disabled',
    explanation: 'With `coredns` among the disabled components nothing reads `cluster.k3s.coredns`.',
  },
  R1327: {
    title: 'settings with which CoreDNS does not start',
    explanation:
      'A fault in these files keeps CoreDNS from starting, and with it every name in the cluster from being found. A `.server` file holds blocks as `example.com:53 { ... }`; every brace is closed.',
  },
  R1330: {
    title: 'malformed interface',
    explanation:
      'An interface is told by exactly one of `name` (as `ip link` shows it, 15 characters at most, no wildcards) and `mac` (`02:00:5e:10:00:01`). Names follow from where a card sits; the hardware address goes with the card.',
  },
  R1331: {
    title: 'which interface the cluster uses',
    explanation:
      'With several interfaces exactly one has `cluster: true`: its address becomes `node-ip` and `advertise-address`, and the packets of pods go over it (`flannel-iface`). k3s would guess by the default route, and often wrongly.',
  },
  R1332: {
    title: 'address of the cluster that nobody can know',
    explanation:
      'Where DHCP gives the interface of the cluster its address, k3s finds it by the default route; a default gateway on another interface leads it to the wrong one.',
  },
  R1333: {
    title: 'interface named twice',
    explanation:
      'Each interface of a node has one entry, and a hardware address belongs to one machine. Under `defaults` every node would have it.',
  },
  R1334: {
    title: 'two default gateways',
    explanation:
      'A node sends what is for elsewhere to one default gateway of each address family. Interfaces under DHCP bring one only where no interface names one: the one of the cluster, else the first.',
  },
  R1335: {
    title: 'network in two forms',
    explanation:
      'A node has either one wired network (`dhcp`, `address`, `gateway`, `dns`) or a list of `interfaces`, each with these keys.',
  },
} as const satisfies Record<string, CodeEntry>
