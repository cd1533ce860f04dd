import Type from 'typebox'
import { oneOrMore, text, textList } from './text.ts'

/** Shared by the one wired network of a node and by each of several. */
export const addressKeys = {
  address: Type.Optional(
    oneOrMore('Static address with prefix length; a list for IPv4 and IPv6 together.', [
      '192.168.10.11/24',
      ['192.168.10.11/24', 'fd00:10::11/64'],
    ]),
  ),
  gateway: Type.Optional(
    oneOrMore(
      'Default gateway; one per address family. Without one the node has no way out, which is fine.',
      ['192.168.10.1', ['192.168.10.1', 'fd00:10::1']],
    ),
  ),
  dns: Type.Optional(textList('Addresses of name servers.', [['192.168.10.1']])),
}

const networkInterface = Type.Object(
  {
    name: Type.Optional(text('Name that the kernel gives it.', ['eth0', 'enp1s0'])),
    mac: Type.Optional(text('Its hardware address, instead of a name.', ['02:00:5e:10:00:01'])),
    cluster: Type.Optional(
      Type.Boolean({
        description:
          'The one over which nodes of the cluster reach each other. Needed where there are several.',
        default: false,
        examples: [true],
      }),
    ),
    dhcp: Type.Optional(
      Type.Boolean({
        description:
          'Take address, gateway and name servers from DHCP. Default: true where no address is given.',
        examples: [true],
      }),
    ),
    ...addressKeys,
  },
  {
    description: 'One wired interface, told by its name or its hardware address.',
    examples: [{ name: 'eth0', address: '192.168.10.11/24', cluster: true }],
    additionalProperties: false,
  },
)

export const interfacesSchema = Type.Array(networkInterface, {
  description:
    'The wired interfaces of a node that has several, instead of `dhcp`, `address`, `gateway` and `dns`; others stay unused.',
  examples: [
    [
      { name: 'eth0', address: '192.168.10.11/24', cluster: true },
      { name: 'eth1', dhcp: true },
    ],
  ],
  minItems: 1,
})
