import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import type { K3sKey, K3sKeyFormat } from '../../recipes/k3s-tables.ts'
import { isSchedule } from '../cron.ts'
import { parseDuration } from '../duration.ts'
import { parseAddress } from '../ip-address.ts'
import { absenceHelp, isKnown } from '../k3s-keys.ts'
import type { K3sSetting } from '../k3s-settings.ts'
import { k3sSettings } from '../k3s-settings.ts'
import type { K3sRelease } from '../k3s-version.ts'
import { leavesOf } from '../secret-values.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { releaseOf } from './k3s.ts'

interface Complaint {
  readonly message: string
  readonly help: string
}

const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const isLabel = (text: string): boolean => new RegExp(`^${label}$`).test(text)
const isDomain = (text: string): boolean => new RegExp(`^${label}(\\.${label})*\\.?$`).test(text)

const isPort = (value: number): boolean => value >= 1 && value <= 65535

/** `30000-32767` or `30000+100` (k8s.io/apimachinery PortRange). */
const isPortRange = (text: string): boolean => {
  const match = /^(\d+)(?:([-+])(\d+))?$/.exec(text)
  if (match === null) return false
  const from = Number(match[1])
  const to = match[2] === '+' ? from + Number(match[3]) : Number(match[3] ?? from)
  return isPort(from) && isPort(to) && from <= to
}

/** What is wrong with one text or number of a key; `network` has a rule of its own. */
const checks: Readonly<
  Partial<Record<K3sKeyFormat, (value: string | number, name: string) => Complaint | undefined>>
> = {
  address: (value) => {
    const wrong = String(value)
      .split(',')
      .find((text) => parseAddress(text.trim()) === undefined)
    return wrong === undefined
      ? undefined
      : { message: `\`${wrong}\` is not an address`, help: 'write an IPv4 or IPv6 address without a length' }
  },
  count: (value, name) =>
    Number(value) >= 0 ? undefined : { message: `\`${name}\` cannot be negative`, help: 'write 0 or more' },
  cron: (value) =>
    isSchedule(String(value))
      ? undefined
      : {
          message: `\`${value}\` is no schedule`,
          help: 'write minute, hour, day of the month, month and day of the week, such as `0 */6 * * *`',
        },
  domain: (value) =>
    isDomain(String(value))
      ? undefined
      : { message: `\`${value}\` is no name of a domain`, help: 'write it as `cluster.local`' },
  host: (value) => {
    const wrong = String(value)
      .split(',')
      .map((text) => text.trim())
      .find((text) => parseAddress(text) === undefined && !isDomain(text.toLowerCase().replace(/^\*\./, '')))
    return wrong === undefined
      ? undefined
      : {
          message: `\`${wrong}\` is neither a name nor an address`,
          help: 'write it without a scheme and a port, such as `api.example.com`',
        }
  },
  interface: (value) =>
    /^[^\s/:]{1,15}$/.test(String(value))
      ? undefined
      : {
          message: `\`${value}\` is no name of an interface`,
          help: 'write it as `ip link` shows it, such as `eth0`',
        },
  label: (value) =>
    isLabel(String(value))
      ? undefined
      : {
          message: `\`${value}\` is no name of a namespace`,
          help: 'use small letters, digits and `-`, 63 at most',
        },
  mode: (value) =>
    typeof value === 'string' && /^0?[0-7]{3}$/.test(value)
      ? undefined
      : { message: `\`${value}\` is not the mode of a file`, help: 'write it as a text: `"0640"`' },
  path: (value) =>
    String(value).startsWith('/')
      ? undefined
      : { message: `\`${value}\` is not an absolute path`, help: 'name a file of the node, from `/` on' },
  port: (value) =>
    isPort(Number(value)) ? undefined : { message: `${value} is not a port`, help: 'ports are 1 to 65535' },
  'port-range': (value) =>
    isPortRange(String(value))
      ? undefined
      : { message: `\`${value}\` is not a range of ports`, help: 'write `30000-32767`' },
  positive: (value) => {
    const seconds = parseDuration(String(value))
    return seconds === undefined || seconds > 0
      ? undefined
      : { message: `\`${value}\` is not longer than nothing`, help: 'write a length above 0, such as `10m`' }
  },
}

const complaintOf = (key: K3sKey, value: string | number): Complaint | undefined => {
  if (key.type === 'duration' && parseDuration(String(value)) === undefined)
    return {
      message: `\`${value}\` is not a length of time`,
      help: 'write hours, minutes or seconds with their unit, such as `1h30m` or `90s`',
    }
  return key.format === undefined ? undefined : checks[key.format]?.(value, key.name)
}

/** A value that is not among those the key takes in this release. */
const unknownValue = (
  context: RuleContext,
  key: K3sKey,
  text: string,
  path: K3sSetting['path'],
  release: K3sRelease,
): readonly Diagnostic[] => {
  if (key.values.length === 0) return []
  // Options of a backend stood behind its name: `wireguard-native=Mode=auto`, up to v1.26.
  const [word = text] = text.split('=')
  const value = key.values.find((candidate) => candidate.value === word)
  const gone = value === undefined ? undefined : absenceHelp(value, release)
  if (value !== undefined && gone === undefined) {
    if (value.deprecated === undefined || release.minor < value.deprecated) return []
    return [
      faultAt(context, 'R0318', path, `\`${key.name}: ${word}\` is deprecated since v1.${value.deprecated}`, {
        severity: 'warning',
        ...(value.instead === undefined ? {} : { help: `use \`${value.instead}\`` }),
      }),
    ]
  }
  const known = key.values.filter((candidate) => isKnown(candidate, release)).map((each) => each.value)
  const near = suggest(word, known)
  const help = gone ?? (near === undefined ? `it takes ${known.join(', ')}` : `did you mean \`${near}\`?`)
  return [
    faultAt(context, 'R0319', path, `\`${key.name}\` does not take \`${word}\``, {
      ...(key.otherValues ? { severity: 'warning' as const } : {}),
      help,
    }),
  ]
}

/** Values of the right type that k3s would not take. References are secrets, of which nothing is known. */
export const k3sValues: Rule = (context) => {
  const release = releaseOf(context)
  return k3sSettings(context).flatMap(({ name, value, path }) => {
    const key = context.recipes.k3s.keys.get(name)
    if (key === undefined || key.owned !== undefined || key.secret !== undefined) return []
    const isNumber = key.type === 'number'
    return leavesOf(value, path).flatMap(({ path: at, value: leaf }): readonly Diagnostic[] => {
      if (typeof leaf !== 'string' && typeof leaf !== 'number') return []
      if (isNumber !== (typeof leaf === 'number') && key.type !== 'text') return []
      const complaint = complaintOf(key, leaf)
      if (complaint !== undefined)
        return [faultAt(context, 'R0320', at, complaint.message, { help: complaint.help })]
      return unknownValue(context, key, String(leaf), at, release)
    })
  })
}
