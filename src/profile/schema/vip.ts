import Type from 'typebox'
import { text } from './text.ts'

/** Where the API is found whichever server is up. */
export const vipSchema = Type.Object(
  {
    address: text('An address of its own in the network of the servers, without prefix length.', [
      '192.168.10.10',
    ]),
    interface: Type.Optional(
      Type.String({
        description:
          'Network interface that carries it, on every server. Default: the one that the cluster uses, which may have another name on each server.',
        examples: ['eth0'],
        pattern: '^[^\\s/:]{1,15}$',
      }),
    ),
    image: Type.Optional(
      Type.String({
        description: 'Image of kube-vip, by tag or digest.',
        default: 'ghcr.io/kube-vip/kube-vip:v0.9.2',
        examples: ['ghcr.io/kube-vip/kube-vip:v0.9.2'],
        pattern: '\\S',
      }),
    ),
  },
  {
    description:
      'A virtual address for the API, held by one of the servers at a time (kube-vip, by ARP or neighbour discovery). It is the default of `endpoint`.',
    examples: [{ address: '192.168.10.10' }],
    additionalProperties: false,
  },
)
