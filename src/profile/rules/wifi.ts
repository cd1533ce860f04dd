import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { EffectiveNode } from '../effective-node.ts'
import { radioCountries } from '../radio-countries.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { once } from './network.ts'

const withRadio = ({ nodes }: RuleContext): readonly EffectiveNode[] =>
  nodes.filter(({ network }) => network.wifi !== undefined)

const place = ['network', 'wifi']

const needed = {
  ssid: 'write the name of the network: `ssid: bakery`',
  psk: 'say where the passphrase is found: `psk: { env: WIFI_PSK }`',
  country:
    'write the country where the node stands, such as `country: DE`: a radio that does not know it keeps off most channels, and may not send at all',
} as const

/** Said by the node or by `defaults`, or cut out since it had a fault of its own. */
const isThere = (
  context: RuleContext,
  { network, index }: EffectiveNode,
  key: keyof typeof needed,
): boolean =>
  network.wifi?.[key] !== undefined ||
  ![
    ['nodes', index, ...place, key],
    ['defaults', ...place, key],
  ].every(context.isSound)

export const wholeWifi: Rule = (context) =>
  once(
    withRadio(context).flatMap((node): readonly Diagnostic[] => {
      const path = node.origin(place)
      if (!context.isKnown(path)) return []
      return (Object.keys(needed) as (keyof typeof needed)[])
        .filter((key) => !isThere(context, node, key))
        .map((key) =>
          faultAt(context, 'R1730', path, `\`wifi\` lacks \`${key}\``, { part: 'key', help: needed[key] }),
        )
    }),
  )

/** IEEE 802.11, 9.4.2.2: an SSID is 1 to 32 bytes. */
const ssidBytes = 32

export const ssidLength: Rule = (context) =>
  once(
    withRadio(context).flatMap((node) => {
      const { ssid } = node.network.wifi ?? {}
      const bytes = new TextEncoder().encode(ssid).length
      return ssid === undefined || bytes <= ssidBytes
        ? []
        : [
            faultAt(
              context,
              'R1731',
              node.origin([...place, 'ssid']),
              `the name has ${bytes} bytes; that of a wireless network has at most ${ssidBytes}`,
              {
                help: 'letters beyond ASCII take two bytes and more: look at how the access point writes it',
              },
            ),
          ]
    }),
  )

/** Codes that people write for a country. */
const meant: Readonly<Record<string, string>> = { UK: 'GB', EN: 'GB', EL: 'GR', SU: 'RU', YU: 'RS' }

export const radioCountry: Rule = (context) =>
  once(
    withRadio(context).flatMap((node) => {
      const { country } = node.network.wifi ?? {}
      if (country === undefined || radioCountries.has(country)) return []
      const better = meant[country]
      return [
        faultAt(
          context,
          'R1732',
          node.origin([...place, 'country']),
          `no radio rules are known for the country \`${country}\``,
          {
            help:
              better === undefined
                ? 'use its two letters of ISO 3166, such as DE, GB or US'
                : `did you mean \`${better}\`?`,
          },
        ),
      ]
    }),
  )
