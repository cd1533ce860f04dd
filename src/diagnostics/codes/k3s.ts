import type { CodeEntry } from './entry.ts'

/** R0316 and on: keys of k3s that are checked against the tables of images/k3s/. */
export const k3sRuleCodes = {
  R0316: {
    title: 'k3s key that came later',
    explanation:
      'This release of k3s does not have the option yet: it would log one line and go on without it. Use a newer release, or leave the key out. `appliance explain cluster.k3s.config.KEY` tells the first releases that have it; patch releases of several minors often got an option at the same time.',
  },
  R0317: {
    title: 'k3s key that was removed',
    explanation:
      'This release of k3s does not have the option any more: it would log one line and go on without it.',
  },
  R0318: {
    title: 'deprecated k3s key',
    explanation: 'It still works with this release, and a later one removes it.',
  },
  R0319: {
    title: 'value that a k3s key does not take',
    explanation:
      'The option takes one of a few values, and some of them came or went with a release. k3s stops at its start when it is given another. Where plugins of containerd add values (`snapshotter`), an unknown one is a warning.',
  },
  R0320: {
    title: 'malformed value of a k3s key',
    explanation:
      'Ports are 1 to 65535, lengths of time have units (`90s`, `1h30m`), schedules have five fields, files of the node are absolute paths, modes are texts such as `"0640"`. k3s stops at its start when it cannot read a value.',
  },
  R0321: {
    title: 'k3s key that must be equal on all servers',
    explanation:
      'A server whose networks, components or encryption differ from those of the others is refused when it joins ("critical configuration value mismatch"), and all nodes reach the servers at one port. Such keys belong to `cluster.k3s.config`.',
  },
  R0322: {
    title: 'k3s keys that exclude each other',
    explanation:
      'The two settings contradict each other: k3s stops at its start, or one of them silently wins. Keep the one that is meant.',
  },
  R0323: {
    title: 'k3s key without effect',
    explanation:
      'The setting belongs to something that is switched off or not there: settings of S3 without `etcd-s3`, of flannel with `flannel-backend: none`, of snapshots without embedded etcd. k3s takes it and does nothing with it.',
  },
  R0324: {
    title: 'malformed flag of a component',
    explanation:
      'Entries of `kubelet-arg`, `kube-apiserver-arg` and the like are `name=value` without dashes; a switch may stand without a value. A component stops at its start when it cannot read a value.',
  },
  R0325: {
    title: 'unknown flag of a component',
    explanation:
      'The component has no such flag, and stops at its start when it is given one; etcd passes over it silently. Where the list of a release is not known, this is a warning. `docs/k3s-options.md` says which lists are known.',
  },
  R0326: {
    title: 'flag of a component set twice',
    explanation:
      'The same flag stands twice in one list with different values, and only the last one counts. (A flag in `nodes[].k3s` replaces that of the cluster: that is no fault.)',
  },
  R0327: {
    title: 'flag of a component that k3s sets',
    explanation:
      'k3s itself sets the flag and its other parts count on the value: addresses, certificates, kubeconfigs, networks. Another value breaks the node or the cluster. Use the key of k3s or of the profile that it follows from.',
  },
  R0328: {
    title: 'k3s release newer than the tables',
    explanation:
      'This version of appliance knows the options of k3s up to some minor, and checks those of a newer one as if they were of that minor: a new option is reported as unknown, a removed one is not reported. `docs/k3s-options.md` says up to which.',
  },
  R0329: {
    title: 'k3s release that is too old',
    explanation:
      'Nothing is known of the options of this release, so a profile cannot be checked against it, and the files on the node would not fit it. The oldest release supported is v1.21.',
  },
  R0330: {
    title: 'DNS address outside the service network',
    explanation:
      '`cluster-dns` is the address of a service, so it must lie within `service-cidr`, and not be the first address, which is that of the API. k3s takes the tenth by itself.',
  },
  R0331: {
    title: 'admission plugins without NodeRestriction',
    explanation:
      'k3s enables the admission plugin NodeRestriction, which keeps each kubelet to the objects of its own node. `enable-admission-plugins` replaces that list, so it must name NodeRestriction again. From v1.24 on `enable-admission-plugins+=NAME` adds to it.',
  },
  R0332: {
    title: 'flag of a component that this release does not have',
    explanation:
      'The flag came with a later minor of Kubernetes, or an earlier one removed it. The component stops at its start when it is given a flag that it does not know.',
  },
  R0333: {
    title: 'flag that opens a component to everybody',
    explanation:
      'Anonymous requests to the kubelet run commands in any container of the node; `AlwaysAllow` lets everybody do everything. The defaults of k3s ask who is there.',
  },
  R0334: {
    title: 'program that is not on the image',
    explanation:
      'The setting makes k3s start a program of the machine instead of its own, and k3s ends when it is not there. `base.packages` brings packages of Debian onto the image.',
  },
  R0335: {
    title: 'file that nothing places on the node',
    explanation:
      'A component is told of a file that neither Debian, k3s nor the profile brings: the API server, the kubelet or flannel does not start without it, at the site. `hardening: cis` brings an audit policy and a configuration of admission; a base image or user data of your own may bring others, which cannot be seen here.',
  },
  R0336: {
    title: 'ports of Services that the node uses itself',
    explanation:
      'A Service of type NodePort or LoadBalancer gets any free port of `service-node-port-range`. On a port where k3s or ssh listens, kube-proxy leads every packet to the Service, and nobody reaches the node there any more.',
  },
  R0337: {
    title: 'times with which etcd does not start',
    explanation:
      '`election-timeout` must be at least five times `heartbeat-interval` (k3s: 5000 and 500 ms) and at most 50000. On slow media raise both.',
  },
  R0338: {
    title: 'word that a component does not take',
    explanation:
      "The flag takes words of a list, and the component ends at its start when it is given another one. Cipher suites and versions of TLS have the names of Go's crypto/tls; feature gates are `Name=true` or `Name=false`.",
  },
  R0339: {
    title: 'pod network too small for the nodes',
    explanation:
      'Every node gets a network of its own out of `cluster-cidr`: a /24 of IPv4 and a /64 of IPv6, unless `node-cidr-mask-size` in `kube-controller-manager-arg` says otherwise, and at most 16 bits longer than the whole. A node that gets none is never ready.',
  },
  R0340: {
    title: 'k3s listens to nobody',
    explanation:
      'With a loopback address as `bind-address` no node can join, and the kubeconfig opens nothing from outside of the machine.',
  },
  R0341: {
    title: 'more pods than addresses',
    explanation:
      'Every pod has an address of its own out of the network of its node: a /24 of IPv4 has 254, unless `node-cidr-mask-size` in `kube-controller-manager-arg` says otherwise. Pods that get none hang in ContainerCreating.',
  },
} as const satisfies Record<string, CodeEntry>
