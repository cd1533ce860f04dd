import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import { parseSize } from '../size.ts'
import { isHost } from './cluster-network.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'

const isTimezone = (name: string): boolean => {
  // The form first: Intl takes offsets such as +02:00, which are no files of the tz database.
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

export const knownTimezone: Rule = (context) => {
  const timezone = context.profile.site?.timezone
  if (timezone === undefined || timezone === 'UTC' || isTimezone(timezone)) return []
  const near = suggest(timezone, Intl.supportedValuesOf('timeZone'))
  return [
    faultAt(context, 'R0701', ['site', 'timezone'], `there is no time zone \`${timezone}\``, {
      help:
        near === undefined
          ? 'name one of the tz database, such as `Europe/Berlin` or `UTC`'
          : `did you mean \`${near}\`?`,
    }),
  ]
}

export const timeServers: Rule = (context) =>
  (context.profile.site?.ntp ?? []).flatMap((host, index) =>
    isHost(host)
      ? []
      : [
          faultAt(
            context,
            'R0702',
            ['site', 'ntp', index],
            `\`${host}\` is neither a host name nor an address`,
            {
              help: 'write it without scheme and port',
            },
          ),
        ],
  )

export const proxyAddresses: Rule = (context) =>
  (['http', 'https'] as const).flatMap((key): readonly Diagnostic[] => {
    const text = context.profile.site?.proxy?.[key]
    // One with a password is the rule's of secrets.
    if (typeof text !== 'string' || text.includes('@')) return []
    const path = ['site', 'proxy', key]
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isForm =
      url !== undefined &&
      /^https?:$/.test(url.protocol) &&
      /^\/?$/.test(url.pathname) &&
      url.search === '' &&
      !/[\s'"\\$`]/.test(text) &&
      isHost(url.hostname.replace(/^\[|\]$/g, ''))
    if (isForm) return []
    return [
      faultAt(context, 'R0703', path, `\`${text}\` is not the address of a proxy`, {
        help: 'write it as `http://192.168.10.1:3128`',
      }),
    ]
  })

export const noProxyEntries: Rule = (context) =>
  (context.profile.site?.proxy?.noProxy ?? []).flatMap((entry, index) =>
    /^[A-Za-z0-9.:*_/-]+$/.test(entry)
      ? []
      : [
          faultAt(
            context,
            'R0702',
            ['site', 'proxy', 'noProxy', index],
            `\`${entry}\` is neither a name, a domain nor a network`,
            {
              help: 'write `.example.com`, `host` or `192.168.10.0/24`, one to an entry',
            },
          ),
        ],
  )

export const mediumSizes: Rule = (context) => {
  const holders = [
    { path: ['defaults', 'storage', 'size'], size: context.profile.defaults?.storage?.size },
    ...context.nodes.map(({ index }, position) => ({
      path: ['nodes', index, 'storage', 'size'],
      size: context.profile.nodes[position]?.storage?.size,
    })),
  ]
  return holders.flatMap(({ path, size }) =>
    size === undefined || parseSize(size) !== undefined
      ? []
      : [
          faultAt(context, 'R0501', path, `\`${size}\` is not a size`, {
            help: 'write a number and a unit: `32GB` (10^9 bytes) or `32GiB` (2^30)',
          }),
        ],
  )
}
