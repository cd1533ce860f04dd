import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { EffectiveNode } from '../effective-node.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { once } from './network.ts'

/** What a server wants (docs.k3s.io/installation/requirements): 2 GB of memory, and that is without workloads. */
const serverMib = 2048

/** A server on a Raspberry Pi 4 takes 1.2 GB, an agent 270 MB (docs.k3s.io/reference/resource-profiling); nothing halves that. */
const leastServerMib = 1024

/** The most memory that the board of a node comes with: of its model, where the node says which; undefined: not known. */
const mostMemory = ({ recipes }: RuleContext, { board, pi }: EffectiveNode): number | undefined => {
  const firmware = recipes.boards[board ?? '']?.firmware
  if (firmware === undefined || firmware === 'uefi') return undefined
  const models = firmware.deviceTrees.filter(({ model }) => pi?.model === undefined || pi.model === model)
  const sizes = models.map(({ memoryMib }) => memoryMib)
  return sizes.length === 0 || sizes.includes(undefined)
    ? undefined
    : Math.max(...sizes.flatMap((size) => size ?? []))
}

const inWords = (mib: number): string => (mib < 1024 ? `${mib} MB` : `${mib / 1024} GB`)

const tooLittle = (node: EffectiveNode, most: number, what: string | undefined, isEtcd: boolean) => {
  const all = `with ${inWords(most)} of memory, all that a \`${what}\` has`
  const help = 'use a board with 2 GB or more for servers; this one makes an agent'
  if (isEtcd)
    return {
      code: 'R1740',
      message: `\`${node.name}\` would run etcd beside the API server ${all}`,
      help,
    } as const
  return { code: 'R0386', message: `\`${node.name}\` would run a server of k3s ${all}`, help } as const
}

/** etcd keeps its data in memory, beside the API server that keeps it there, too: with 1 GB one of them is killed. */
export const memoryOfServers: Rule = (context) => {
  const isEtcd = context.profile.cluster.k3s.datastore?.kind === 'etcd'
  return once(
    context.nodes.flatMap((node): readonly Diagnostic[] => {
      const most = mostMemory(context, node)
      if (node.role !== 'server' || most === undefined || most >= serverMib) return []
      const what = node.pi?.model ?? node.board
      const path = node.origin(node.pi?.model === undefined ? ['board'] : ['pi', 'model'])
      if (isEtcd || most < leastServerMib) {
        const { code, message, help } = tooLittle(node, most, what, isEtcd)
        return [faultAt(context, code, path, message, { help })]
      }
      return [
        faultAt(
          context,
          'R1741',
          path,
          `k3s wants 2 GB of memory for a server, a \`${what}\` has ${inWords(most)}`,
          {
            severity: 'warning',
            help: 'use a larger board, or leave out what is not needed: `disable: [traefik, metrics-server]`',
          },
        ),
      ]
    }),
  )
}

/** k3s ends when one of these is missing in cgroup.controllers (k3s pkg/cgroups/cgroups_linux.go, validateCgroupsV2). */
const neededControllers: readonly string[] = ['memory', 'cpu', 'cpuset']

/** A word of the kernel command line that takes away what k3s needs (Linux, kernel-parameters: cgroup_disable). */
const takenAway = (word: string): readonly string[] => {
  const [key, value = ''] = word.split('=', 2)
  if (key !== 'cgroup_disable') return []
  return value.split(',').filter((name) => neededControllers.includes(name))
}

export const controllersStay: Rule = (context) =>
  once(
    context.nodes.flatMap((node) =>
      (node.pi?.cmdline ?? []).flatMap((word, index) => {
        const [first] = takenAway(word)
        return first === undefined
          ? []
          : [
              faultAt(
                context,
                'R1742',
                node.origin(['pi', 'cmdline', index]),
                `k3s does not start without the control group \`${first}\``,
                { help: 'remove this word' },
              ),
            ]
      }),
    ),
  )
