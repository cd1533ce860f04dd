import type { CodeEntry } from './entry.ts'

/** R0385, R0386, R174x: whether the board can do what is asked of it. */
export const boardLimitCodes = {
  R0385: {
    title: 'model that the chosen kernel cannot start on',
    explanation:
      "A kernel starts on a board only by the device tree of its model. The board recipe says where not every kernel has one: Debian's have none for the Raspberry Pi 500 and the Compute Module 5, the vendor's have. Name its packages under `base.kernel.packages`. What the packages of the lock really hold is looked up by `appliance lock` (L0061).",
  },
  R0386: {
    title: 'server on a board that cannot hold one',
    explanation:
      'A server of k3s with its own components takes 1.2 GB of memory on a Raspberry Pi 4, an agent 270 MB (docs.k3s.io/reference/resource-profiling). With 512 MB, of which the graphics processor has its part, a server is ended before it is ready, again and again. Such a board (Zero 2 W, 3 Model A+) makes an agent.',
  },
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

/** L007x: what the lock pins, against the boards. */
export const boardLimitLockCodes = {
  L0070: {
    title: 'program that cannot be loaded with large pages',
    explanation:
      'A kernel with pages of 16 KiB (`pi.kernel: 16k`) maps programs and libraries page by page; one whose segments are aligned to 4 KiB cannot be mapped, and ends before its first line. `appliance lock` reads the program headers of every file in k3s, in the images of its archive and in those of the profile, and names image and file. A base image of your own is asked in the same way where its kernel for a Raspberry Pi 5 is `kernel_2712.img` and its config.txt names no other one, as Raspberry Pi OS comes: with `kernel=kernel8.img` there it has pages of 4 KiB. Use `kernel: 4k`, or an image that is linked for larger pages (`-z max-page-size=65536`, the default for arm64). Programs that bring a page size of their own for their memory, as jemalloc does, look well in their headers and fail all the same: `Unsupported system page size`.',
  },
} as const satisfies Record<string, CodeEntry>

/** B0054, B1235: what was built, against the medium and k3s's needs. */
export const boardLimitBuildCodes = {
  B0054: {
    title: 'medium too small for what was built',
    explanation:
      'After packing, before any image is written, the size of the image is known exactly. To it comes what k3s lays on the data partition at its first start, at the least: its own programs, and every image of its archive as containerd keeps it (`appliance lock` measures the archive unpacked). A medium that is smaller than both (`storage.size`) would fill up at the remote site. Images are unpacked a second time when their first container starts: `appliance plan` warns (R0342) where that may be too much.',
  },
  B1235: {
    title: 'kernel without a module that k3s needs',
    explanation:
      "k3s and flannel need `br_netfilter`, `nf_conntrack`, `overlay` and `vxlan`, and a site without a gateway `dummy`, as modules or built in (docs.k3s.io/installation/requirements; `k3s check-config`). Debian's kernels have all of them. Others keep some in a package of their own: `linux-modules-extra-raspi` of Ubuntu's kernel for Raspberry Pis, `kernel-modules-extra` of Fedora's. Give that package, too. The build stops here, since the node would start and its pods would not reach each other.",
  },
} as const satisfies Record<string, CodeEntry>
