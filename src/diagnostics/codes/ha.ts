import type { CodeEntry } from './entry.ts'

/** R12xx: several servers, embedded etcd, its snapshots, the virtual address of the API. */
export const haRuleCodes = {
  R1200: {
    title: 'two servers on etcd',
    explanation:
      'etcd answers while more than half of its members are up. Of two servers neither may fail: the cluster stands still when one of them is lost, so two are worse than one. Use one server or three (docs.k3s.io/datastore/ha-embedded).',
  },
  R1201: {
    title: 'even number of servers on etcd',
    explanation:
      'Four servers bear the loss of one, as three do, and six of two, as five do: the extra server is one more that can fail. Use an odd number.',
  },
  R1202: {
    title: 'etcd on an SD card',
    explanation:
      'etcd writes every change to its medium before it answers. An SD card takes up to seconds for that: leaders are lost, k3s restarts, and the card wears out (k3s-io/k3s#2615, #6654, #1850). Use an SSD or NVMe drive for servers, or one server on sqlite. A Raspberry Pi whose `storage.medium` is not said is taken to run from a card.',
  },
  R1203: {
    title: 'server on etcd without a fixed address',
    explanation:
      'A member of etcd is known by its address: when DHCP gives the server another one, it is no member any more (k3s-io/k3s#5991, #11778). Give each server `network.address`.',
  },
  R1204: {
    title: 'several servers behind the address of one',
    explanation:
      'Without `cluster.endpoint` or `cluster.vip` the kubeconfig and joining nodes dial the first server. While it is down no node can join, and the kubeconfig opens nothing, although the cluster lives: nodes that have joined know the other servers. Set `cluster.vip`, or `cluster.endpoint` to a DNS name or a load balancer that leads to all servers. To keep the first server, write its address as `cluster.endpoint`. See docs/ha.md.',
  },
  R1205: {
    title: 'virtual address that cannot work',
    explanation:
      '`cluster.vip.address` is moved between the servers by ARP, or by neighbour discovery for IPv6: it must lie in the network of every server, be taken by nobody else, and be outside of the pod and service networks. Servers need static addresses, since it is those that it is compared with.',
  },
  R1206: {
    title: 'snapshots of another datastore than etcd',
    explanation:
      '`datastore.snapshots` is about embedded etcd: k3s takes none of sqlite or of a database of your own. Copy `/var/lib/rancher/k3s/server/db` of a stopped server, or use the tools of the database.',
  },
  R1207: {
    title: 'one setting in two places',
    explanation:
      'What `datastore.snapshots` says becomes keys of config.yaml (`etcd-*`). The same key under `cluster.k3s.config` or `agentConfig` would contradict it: keep one of the two.',
  },
  R1208: {
    title: 'malformed schedule',
    explanation:
      'Five fields of cron (minute, hour, day of month, month, day of week), or `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`, `@every <duration>` such as `@every 6h` or `@every 1h30m`. k3s would log a fault and take no snapshots.',
  },
  R1209: {
    title: 'folder of snapshots that cannot be written',
    explanation:
      'The root of a node is read-only; what stays is below `/var`. Folders of k3s itself other than the default one are not for snapshots.',
  },
  R1210: {
    title: 'half a pair of keys',
    explanation:
      'An S3 service wants an access key and its secret key, or neither where the machine itself is let in.',
  },
  R1211: {
    title: 'setting that this release of k3s does not have',
    explanation:
      'The setting came with a later release: k3s would log `Unknown flag` and go on without it. Use a newer release, or leave the setting out.',
  },
} as const satisfies Record<string, CodeEntry>
