import type { CodeEntry } from './entry.ts'

/**
 * R: a profile of the right shape that cannot work. R01xx cluster and nodes, R02xx network, R03xx k3s, labels and taints,
 * R04xx access, R05xx storage, R06xx images and packages, R07xx site.
 */
export const ruleCodes = {
  R0101: {
    title: 'two nodes of one name',
    explanation:
      'The name of a node is its host name, its Kubernetes name and the name of its image. k3s lets a second node of the same name replace the first or refuses its password.',
  },
  R0102: {
    title: 'no server',
    explanation: 'A cluster needs at least one node with `role: server`: agents only join.',
  },
  R0103: {
    title: 'sqlite with more than one server',
    explanation:
      'sqlite is a file on one server: a second server would be a second cluster. Use one server, or a datastore that several servers can share.',
  },
  R0104: {
    title: 'endpoint that cannot work',
    explanation:
      '`cluster.endpoint` is what kubeconfig and joining nodes dial: a host name or an address of a server (or of what balances servers), without scheme, port or path. A loopback address, the address of an agent or one inside the pod or service network never leads to the API.',
  },
  R0105: {
    title: 'no board',
    explanation:
      'The board decides architecture, boot loader and kernel settings. Set `board` on the node or under `defaults`.',
  },
  R0106: {
    title: 'unknown board',
    explanation: 'There is no recipe of that name in `images/boards/`.',
  },
  R0107: {
    title: 'unknown base',
    explanation: 'There is no recipe of that name in `images/bases/`.',
  },
  R0108: {
    title: 'settings of an external datastore',
    explanation:
      '`endpoint`, `ca`, `cert` and `key` describe a database of your own: they need `kind: external`, and that needs `endpoint`.',
  },
  R0201: {
    title: 'malformed address',
    explanation:
      'Addresses of nodes are written with the length of their network, `192.168.10.11/24` or `fd00::11/64`; gateways and name servers are plain addresses; networks have no bits set beyond their length.',
  },
  R0202: {
    title: 'duplicate address',
    explanation: 'Two nodes, or a node and its gateway, cannot have the same address on one network.',
  },
  R0203: {
    title: "address outside its gateway's network",
    explanation:
      'A gateway is reached directly, so it must lie within the network of one of the addresses of the node. Often one of the two has a typing error, or the prefix length is wrong.',
  },
  R0204: {
    title: 'address is the network itself or its broadcast address',
    explanation:
      'The first address of an IPv4 network names the network and the last one reaches everybody on it; neither belongs to a node.',
  },
  R0205: {
    title: 'pod or service network overlaps another network',
    explanation:
      'Traffic for an address that is both on the site and in the cluster goes to the wrong one. The defaults of k3s are 10.42.0.0/16 for pods (`cluster-cidr`) and 10.43.0.0/16 for services (`service-cidr`); set others under `cluster.k3s.config` when the site uses these.',
  },
  R0206: {
    title: 'both DHCP and a static address',
    explanation:
      '`dhcp: true` takes address, gateway and name servers from DHCP; beside them it contradicts itself. Remove one of the two.',
  },
  R0207: {
    title: 'network without an address',
    explanation:
      'A node with a gateway or name servers but no address has no network to use them on. Give it `address`, or `dhcp: true`.',
  },
  R0208: {
    title: 'address families do not agree',
    explanation:
      'k3s starts only when nodes, pods and services have the same kinds of addresses: a node needs an address of each family that the pod network has, and the service network the same families. The defaults of k3s are IPv4; for IPv6 set `cluster-cidr` and `service-cidr` under `cluster.k3s.config`, such as `[10.42.0.0/16, fd00:42::/56]` and `[10.43.0.0/16, fd00:43::/112]`.',
  },
  R0301: {
    title: 'malformed label',
    explanation:
      'A label key is an optional DNS prefix and `/`, then up to 63 letters, digits, `-`, `_` and `.`; a value is up to 63 of the same, and begins and ends with a letter or digit.',
  },
  R0302: {
    title: 'label that the kubelet refuses',
    explanation:
      'The kubelet exits when it is started with a label under `kubernetes.io` or `k8s.io` that it may not set itself. Allowed are the prefixes `kubelet.kubernetes.io/` and `node.kubernetes.io/`, and hostname, zone, region, instance-type, os and arch. Roles such as `node-role.kubernetes.io/worker` are set later through the API.',
  },
  R0303: {
    title: 'malformed taint',
    explanation:
      'A taint is `key=value:Effect` or `key:Effect`; the effect is NoSchedule, PreferNoSchedule or NoExecute.',
  },
  R0304: {
    title: 'duplicate taint',
    explanation: 'A node has one taint for a key and an effect.',
  },
  R0310: {
    title: 'malformed k3s version',
    explanation:
      'A k3s release is named in full, such as `v1.33.1+k3s1`: the version of Kubernetes and the number of the k3s build. Channels such as `stable` change over time and are not used.',
  },
  R0311: {
    title: 'k3s key that the tool sets',
    explanation:
      'Some keys of config.yaml follow from other parts of the profile or from the layout of the image, and a second value would break the node: names, addresses, tokens, roles, paths. Set what they follow from instead.',
  },
  R0312: {
    title: 'unknown k3s key',
    explanation:
      'k3s has no such option. It would log one line and go on without it, so that a misspelt key is lost silently on the node. Keys are the names of the long flags without dashes.',
  },
  R0313: {
    title: 'k3s key of the wrong type',
    explanation:
      'The option takes a value of another type: true or false, a number, a text, or a list of texts.',
  },
  R0314: {
    title: 'server key for agents',
    explanation:
      'Agents have no such option. Keys that only servers understand belong under `cluster.k3s.config`.',
  },
  R0315: {
    title: 'unknown component',
    explanation:
      '`disable` takes the components that k3s packages: coredns, servicelb, traefik, local-storage, metrics-server, runtimes, or the name of a manifest of the profile.',
  },
  R0401: {
    title: 'nobody could log in',
    explanation:
      'Images have no password, and ssh takes keys only: with no user that has a key, nobody could ever enter the node.',
  },
  R0402: {
    title: 'everybody could log in',
    explanation:
      'A password in a profile is known to everybody who sees the profile or the image, and the private half of some published keys (such as that of Vagrant) is known to the whole world. Use keys of your own, made by `ssh-keygen -t ed25519`.',
  },
  R0403: {
    title: 'private key in the profile',
    explanation:
      'A private key belongs to its owner alone. Put the public one here (the file that ends in `.pub`), and make a new pair if this one has been shared.',
  },
  R0404: {
    title: 'malformed ssh key',
    explanation:
      'A key is one line as in `authorized_keys`: type, base64, comment, such as `ssh-ed25519 AAAAC3... ops@example.com`. Options before the type are not used. ssh-dss and RSA below 2048 bits are no longer accepted by sshd.',
  },
  R0405: {
    title: 'two users of one name',
    explanation: 'Each login name stands once; give the user all keys.',
  },
  R0406: {
    title: 'login name that cannot be used',
    explanation:
      'Login names are at most 32 characters, begin with a letter, and are not those of the system, such as root or daemon. Use `sudo: true` for who may become root.',
  },
  R0342: {
    title: 'the medium may be too small',
    explanation:
      'The image fits, but k3s keeps every image that runs twice on the data partition: as it came, and unpacked. How much that is, only the node knows; the estimate counts every image, and leaves the 15 % free that kubelet wants: above that it deletes images, which an offline node does not get back, and at 95 % it evicts pods.',
  },
  R0501: {
    title: 'malformed size',
    explanation: 'A size is a number and a unit: `32GB` (10^9 bytes, as makers count) or `32GiB` (2^30).',
  },
  R0502: {
    title: 'content does not fit the medium',
    explanation:
      'The image and what k3s lays on the data partition at its first start, at the least (its own programs, and each image of its archive as containerd keeps it; `appliance lock` measures the archive unpacked), do not fit the declared size. Use a larger medium or carry less. `build` checks again when the exact size of the image is known (B0054).',
  },
  R0601: {
    title: 'two manifests or charts of one name',
    explanation:
      'k3s names what it deploys after the file, up to its first dot, over all folders: the second would overwrite the first. A chart becomes a file of its own name; values that hold secrets become `<chart>-values`, an entry of `chartConfigs` becomes `<chart>-config`.',
  },
  R0602: {
    title: 'manifest name that k3s cannot use',
    explanation:
      'The name of a manifest up to its first dot must be a DNS label (lower case, digits, `-`), end in .yaml, .yml or .json, and not be that of a packaged component, whose files k3s writes anew at each start. The same holds for the names of charts, which become files.',
  },
  R0603: {
    title: 'entry listed twice',
    explanation: 'The same entry stands twice in a list.',
  },
  R0701: {
    title: 'unknown time zone',
    explanation: 'Time zones are named as in the tz database, such as `Europe/Berlin` or `UTC`.',
  },
  R0702: {
    title: 'malformed host',
    explanation: 'A host is a name or an address, without scheme, port or path.',
  },
  R0703: {
    title: 'malformed proxy address',
    explanation:
      'A proxy is `http://host:port` or `https://host:port`, without a path. User and password are secrets and never stand in a profile.',
  },
} as const satisfies Record<string, CodeEntry>
