import Type from 'typebox'
import { addressKeys } from './interfaces.ts'
import { secretReference, text } from './text.ts'
import { countryPattern } from './text-patterns.ts'

/** Nothing is required here: a node and `defaults` may each say a part. What is missing in both is told by R1730. */
export const wifiSchema = Type.Object(
  {
    ssid: Type.Optional(
      text('Name of the wireless network, at most 32 bytes. Needed.', ['bakery', 'Café “Zur Post” №1']),
    ),
    psk: Type.Optional(
      secretReference(
        'The passphrase, 8 to 63 characters of ASCII, or a key of 64 hexadecimal digits. Needed.',
      ),
    ),
    country: Type.Optional(
      Type.String({
        description:
          'Country whose radio rules apply, two capital letters (ISO 3166). Needed: without it a radio may use next to nothing.',
        examples: ['DE'],
        pattern: countryPattern,
      }),
    ),
    hidden: Type.Optional(
      Type.Boolean({
        description: 'Whether the network does not tell its name, and is asked for by it.',
        default: false,
        examples: [true],
      }),
    ),
    ...addressKeys,
  },
  {
    description:
      'Join a wireless network (WPA2 or WPA3), by DHCP or with an address of its own. It is the one that the cluster uses where no cable has an address.',
    examples: [{ ssid: 'bakery', psk: { env: 'WIFI_PSK' }, country: 'DE' }],
    additionalProperties: false,
  },
)
