import type { CodeEntry } from './entry.ts'

/** R11: who may use the cluster, and what nodes join with. */
export const accessRuleCodes = {
  R1101: {
    title: 'two kubeconfigs of one name',
    explanation:
      'The name is the Kubernetes user and the name of the file `out/<cluster>/<name>.kubeconfig`: each stands once.',
  },
  R1102: {
    title: 'kubeconfig name that cannot be used',
    explanation:
      "The name becomes a Kubernetes user and a file name: up to 63 letters, digits, `.`, `_`, `@` and `-`, the first a letter or digit. Names with `system:` belong to Kubernetes, and `appliance-admin` is the administrator's.",
  },
  R1103: {
    title: 'group that gives more than it seems',
    explanation:
      'Members of `system:masters` may do everything, no role restricts them, and a kubeconfig cannot be revoked: that is a warning, because it can be meant. Use a group of your own and `role: cluster-admin`, which a ClusterRoleBinding can take back. The other groups that begin with `system:` are those of nodes, service accounts and of Kubernetes itself (but for `system:monitoring`) and are refused.',
  },
  R1104: {
    title: 'lifetime out of bounds',
    explanation:
      'A kubeconfig is valid for at least one day and at most ten years: it cannot be revoked, only outlived. Its end is never after that of the CA that signs it.',
  },
  R1105: {
    title: 'not the name of a ClusterRole',
    explanation:
      'A ClusterRole is named by letters, digits, `:`, `.`, `_` and `-`, such as `view`, `edit`, `admin`, `cluster-admin`. Whether it exists is seen by the cluster alone.',
  },
  R1106: {
    title: 'bootstrap token of a server',
    explanation:
      'k3s takes bootstrap tokens from agents alone; a server joins with the token of servers, since it receives the keys of the cluster.',
  },
  R1107: {
    title: 'bootstrap tokens need a newer k3s',
    explanation:
      'Agents join with a bootstrap token from v1.23.17+k3s1, v1.24.11+k3s1, v1.25.7+k3s1 and v1.26.2+k3s1 on.',
  },
  R1108: {
    title: 'not a time',
    explanation:
      'The end of a token is date and time in UTC, such as `2027-01-31T00:00:00Z`, and must exist.',
  },
  R1109: {
    title: 'bootstrap token that has ended',
    explanation:
      'The image of this node would hold a token that no server takes any more, so it could not join. Set a later `expires`, or remove `bootstrapToken` so that it joins with the common token of agents. A node whose token was made before it ended is built again as it was, with a warning.',
  },
} as const satisfies Record<string, CodeEntry>

/** B11: `appliance replace`. */
export const replaceCodes = {
  B1101: {
    title: 'a replacement needs to know what becomes of the data',
    explanation:
      'The only server of a cluster on sqlite holds everything that the cluster knows. With `--backup FILE` its replacement starts with a copy of that: the file `state.db` of `/var/lib/rancher/k3s/server/db`, or a tar of that folder, made while k3s was stopped. With `--new-datastore` it starts empty: nodes join again by themselves, everything else must be deployed again. Nodes without a datastore, and servers that receive it from the others, take neither.',
  },
  B1102: {
    title: 'the backup cannot be used',
    explanation:
      'The backup is the SQLite file of k3s, `state.db`, or a tar (also .gz, .zst) that holds it with its `state.db-wal`. A snapshot of embedded etcd is put back on the node by k3s itself, see docs/ha.md. The file is checked before anything is built: that it is SQLite, whole, and has the table of k3s. Make it while k3s is stopped: `systemctl stop k3s && tar -C /var/lib/rancher/k3s/server -czf db.tar.gz db`.',
  },
  B1103: {
    title: 'no cluster to replace a node of',
    explanation:
      'A replacement joins an existing cluster, so its keys must exist. Put the state `.appliance/<cluster>/` beside the profile, or build the cluster with `appliance build`.',
  },
} as const satisfies Record<string, CodeEntry>
