import type { CodeEntry } from './entry.ts'

/** R174x: whether the board can do what is asked of it. */
export const boardLimitCodes = {
  R1740: {
    title: 'etcd on a board with too little memory',
    explanation:
      'A server of k3s wants 2 GB of memory (docs.k3s.io/installation/requirements), and etcd keeps its data in memory beside the API server. With 1 GB the kernel ends one of them sooner or later, and a member that comes and goes harms the whole cluster. Use boards with 2 GB or more for servers, or one server on SQLite; the small board makes an agent, which wants 512 MB. How much memory a model comes with stands in its board recipe; of models that are sold with several sizes the largest counts, since nobody can tell from here.',
  },
  R1741: {
    title: 'server on a board with little memory',
    explanation:
      'A server of k3s wants 2 GB of memory (docs.k3s.io/installation/requirements), without workloads. With 1 GB one server on SQLite starts, and has next to nothing left for what it is there for. Leave out components that are not needed (`cluster.k3s.disable`), or use a larger board; an agent wants 512 MB.',
  },
  R1742: {
    title: 'kernel argument that takes a control group away',
    explanation:
      'k3s ends at its start when the control groups `memory`, `cpu` or `cpuset` are missing: it cannot hold containers to their limits. `cgroup_disable=` on the kernel command line takes them away. Kernels of Raspberry Pi have `memory` off unless the command line says `cgroup_enable=memory`; the kernels of Debian have all of them on.',
  },
} as const satisfies Record<string, CodeEntry>
