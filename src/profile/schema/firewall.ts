import Type from 'typebox'
import { textList } from './text.ts'
import { portRangePattern } from './text-patterns.ts'

const opening = Type.Object(
  {
    ports: Type.Array(
      Type.Union([
        Type.Integer({ minimum: 1, maximum: 65535 }),
        Type.String({ pattern: portRangePattern, description: 'From the first to the last port.' }),
      ]),
      {
        description:
          'Port numbers, and ranges as `30000-32767`; ports of Services and of the node itself alike.',
        examples: [[9100], ['30000-32767']],
        minItems: 1,
      },
    ),
    protocol: Type.Optional(
      Type.Enum(['tcp', 'udp'], {
        description: 'The protocol.',
        default: 'tcp',
        examples: ['udp'],
      }),
    ),
    from: Type.Optional(
      textList(
        'Networks that may use it, and `nodes` for the nodes of the cluster. Default: from anywhere.',
        [['192.168.10.0/24'], ['nodes']],
      ),
    ),
  },
  {
    description: 'One opening.',
    examples: [{ ports: [9100], from: ['192.168.10.0/24'] }],
    additionalProperties: false,
  },
)

export const firewallSchema = Type.Object(
  {
    nodes: Type.Optional(
      textList(
        "Networks that the cluster's nodes come from, beside their static addresses. Needed where DHCP gives a node its address.",
        [['192.168.10.0/24']],
      ),
    ),
    api: Type.Optional(
      textList('Networks that may reach the API of the servers, beside the nodes. Default: from anywhere.', [
        ['192.168.0.0/16'],
      ]),
    ),
    ssh: Type.Optional(
      textList('Networks that may log in by ssh. Default: from anywhere.', [['192.168.0.0/16']]),
    ),
    trusted: Type.Optional(
      textList(
        'Networks that may reach everything on the nodes and in the cluster, such as the pods of a CNI with addresses of its own.',
        [['10.60.0.0/16']],
      ),
    ),
    allow: Type.Optional(
      Type.Array(opening, {
        description:
          'What else is open, on every node: ports of Services (NodePorts, load balancers) and of programs of your own.',
        examples: [[{ ports: ['30000-32767'], from: ['192.168.10.0/24'] }]],
      }),
    ),
  },
  {
    description:
      'A firewall on every node that lets in what its role needs, and nothing else; `{}` for one without further openings. Default: none.',
    examples: [{}, { api: ['192.168.0.0/16'], allow: [{ ports: [9100] }] }],
    additionalProperties: false,
  },
)
