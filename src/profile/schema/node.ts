import Type from 'typebox'
import { addressKeys, interfacesSchema } from './interfaces.ts'
import { piSchema } from './pi.ts'
import { dnsLabel, text, textList } from './text.ts'
import { durationPattern, utcTimePattern } from './text-patterns.ts'
import { wifiSchema } from './wifi.ts'

export const mediums = ['sd', 'emmc', 'nvme', 'ssd', 'usb'] as const

const network = Type.Object(
  {
    dhcp: Type.Optional(
      Type.Boolean({
        description:
          'Take address, gateway and name servers from DHCP. `true` on a node drops what it would inherit. Default: true where no address is given.',
        examples: [true],
      }),
    ),
    ...addressKeys,
    interfaces: Type.Optional(interfacesSchema),
    wifi: Type.Optional(wifiSchema),
  },
  {
    description: 'How the node reaches its network.',
    default: { dhcp: true },
    examples: [{ dhcp: true }, { address: '192.168.10.11/24', gateway: '192.168.10.1' }],
    additionalProperties: false,
  },
)

const storage = Type.Object(
  {
    medium: Type.Optional(
      Type.Enum([...mediums], {
        description: 'What the image is written to. Default: `sd` for Raspberry Pis, else `ssd`.',
        examples: ['ssd'],
      }),
    ),
    size: Type.Optional(
      text(
        'Size of the medium as its maker counts it (1 GB = 10^9 bytes); the content is checked against it.',
        ['32GB'],
      ),
    ),
  },
  {
    description: 'The medium that the node runs from.',
    examples: [{ medium: 'sd', size: '32GB' }],
    additionalProperties: false,
  },
)

const watchdog = Type.Union([Type.Literal(false), Type.String({ pattern: durationPattern })], {
  description:
    'After how long without a sign of life from the system its hardware starts it anew, 10s to 15m; `false`: never. Default: 30s on boards whose watchdog is known (Raspberry Pi), else never.',
  examples: ['30s', false],
})

/** What a node may set and `defaults` may set for all nodes. */
const shared = {
  board: Type.Optional(
    text('The hardware: the name of a board recipe.', ['arm64-uefi', 'amd64-uefi', 'rpi4']),
  ),
  network: Type.Optional(network),
  storage: Type.Optional(storage),
  pi: Type.Optional(piSchema),
  watchdog: Type.Optional(watchdog),
  labels: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'Labels the node registers with. Set once: k3s never removes one.',
      examples: [{ zone: 'oven' }],
    }),
  ),
  taints: Type.Optional(
    textList('Taints the node registers with, as `key=value:Effect`. Set once.', [['oven=hot:NoSchedule']]),
  ),
}

export const defaultsSchema = Type.Object(shared, {
  description: 'Merged into every node: maps merge, lists and single values of the node replace.',
  examples: [{ board: 'arm64-uefi' }],
  additionalProperties: false,
})

const bootstrapToken = Type.Object(
  {
    expires: Type.Optional(
      Type.String({
        description:
          'From when on the token is refused, in UTC; a node that has joined by then stays joined. Default: never.',
        examples: ['2027-01-31T00:00:00Z'],
        pattern: utcTimePattern,
      }),
    ),
  },
  {
    description:
      "A token of its own for an agent to join with, instead of the agents' common one; `{}` for one without an end.",
    examples: [{ expires: '2027-01-31T00:00:00Z' }, {}],
    additionalProperties: false,
  },
)

export const nodeSchema = Type.Object(
  {
    name: dnsLabel('Host name and Kubernetes name of the node, a DNS label; names `<node>.img`.', [
      'bakery-1',
    ]),
    role: Type.Enum(['server', 'agent'], {
      description: 'server: runs the control plane and workloads. agent: runs workloads.',
      examples: ['server'],
    }),
    ...shared,
    bootstrapToken: Type.Optional(bootstrapToken),
    k3s: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          "Further keys of k3s's config.yaml for this node alone, after those of the cluster: lists are added to, a single value replaces. What must be equal on all servers is refused.",
        examples: [{ 'flannel-iface': 'eth1', 'kubelet-arg': ['max-pods=30'] }],
      }),
    ),
  },
  {
    description: 'One node; each gets its own image.',
    examples: [{ name: 'bakery-1', role: 'server', board: 'arm64-uefi' }],
    additionalProperties: false,
  },
)
