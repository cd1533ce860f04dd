import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { FirstReleases } from '../../recipes/k3s-tables.ts'
import { k3sSettings } from '../k3s-settings.ts'
import { firstRelease, isFrom, parseK3sRelease } from '../k3s-version.ts'
import { isHost } from './cluster-network.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

const at = ['cluster', 'k3s', 'registries'] as const

const registriesOf = ({ profile }: RuleContext) => profile.cluster.k3s.registries ?? {}

const hostOf = (registry: string): string => registry.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1')

const isRegistry = (text: string): boolean => text === '*' || isHost(hostOf(text))

export const registryNames: Rule = (context) => {
  const { mirrors = {}, configs = {}, systemDefault } = registriesOf(context)
  const named = [
    ...Object.keys(mirrors).map((name) => ({ name, path: [...at, 'mirrors', name], part: 'key' as const })),
    ...Object.keys(configs).map((name) => ({ name, path: [...at, 'configs', name], part: 'key' as const })),
    ...(systemDefault === undefined
      ? []
      : [{ name: systemDefault, path: [...at, 'systemDefault'], part: 'value' as const }]),
  ]
  return named.flatMap(({ name, path, part }) => {
    if (isRegistry(name) && !(part === 'value' && name === '*')) return []
    return [
      faultAt(context, 'R1310', path, `\`${name}\` is not the name of a registry`, {
        part,
        help: 'write its host, without scheme and path: `docker.io`, `registry.example.com:5000`',
      }),
    ]
  })
}

interface Endpoint {
  readonly text: string
  readonly path: Path
  readonly url: URL | undefined
}

const endpointsOf = (context: RuleContext): readonly Endpoint[] =>
  Object.entries(registriesOf(context).mirrors ?? {}).flatMap(([name, { endpoint }]) =>
    (endpoint ?? []).map((text, index) => ({
      text,
      path: [...at, 'mirrors', name, 'endpoint', index],
      url: URL.canParse(text) ? new URL(text) : undefined,
    })),
  )

export const registryEndpoints: Rule = (context) =>
  endpointsOf(context).flatMap(({ text, path, url }): readonly Diagnostic[] => {
    if (url !== undefined && url.username + url.password !== '')
      return [
        faultAt(context, 'R1311', path, 'an endpoint holds a user or a password', {
          secret: path,
          help: `write them under \`configs.${url.host}.auth\``,
        }),
      ]
    const isForm =
      url !== undefined &&
      /^https?:$/.test(url.protocol) &&
      url.search === '' &&
      url.hash === '' &&
      isHost(url.hostname.replace(/^\[|\]$/g, ''))
    if (isForm) return []
    return [
      faultAt(context, 'R1311', path, `\`${text}\` is not the address of a registry`, {
        help: /^[\w.-]+(:\d+)?(\/|$)/.test(text)
          ? `write it with its scheme: \`https://${text}\``
          : 'write it as `https://registry.example.com:5000`',
      }),
    ]
  })

/** What JavaScript takes and Go's RE2 does not: lookaround, back references, possessive or lazy atomic groups. */
const beyondRe2 = /\(\?[=!]|\(\?<[=!]|\\[1-9]|\\k</

const isExpression = (text: string): boolean => {
  try {
    new RegExp(text.replace(/^\(\?[imsU]+\)/, '').replaceAll('(?P<', '(?<'))
    return true
  } catch {
    return false
  }
}

export const registryRewrites: Rule = (context) =>
  Object.entries(registriesOf(context).mirrors ?? {}).flatMap(([name, { rewrite }]) =>
    Object.keys(rewrite ?? {}).flatMap((pattern): readonly Diagnostic[] => {
      const path = [...at, 'mirrors', name, 'rewrite', pattern]
      const fault = (message: string, help: string) => [
        faultAt(context, 'R1312', path, message, { part: 'key', help }),
      ]
      if (beyondRe2.test(pattern))
        return fault(
          `\`${pattern}\` has a lookaround or a back reference`,
          'expressions of Go have neither: match what stays in a group, and name it `$1` in the replacement',
        )
      return isExpression(pattern)
        ? []
        : fault(
            `\`${pattern}\` is no regular expression`,
            'write a `\\` before ( ) [ ] . * + ? that stand for themselves',
          )
    }),
  )

export const wholeCredentials: Rule = (context) =>
  Object.entries(registriesOf(context).configs ?? {}).flatMap(([name, { auth, tls }]) => {
    const path = [...at, 'configs', name]
    const fault = (keys: Path, message: string, help: string) =>
      faultAt(context, 'R1316', [...path, ...keys], message, { part: 'key', help })
    return [
      ...(auth !== undefined &&
      auth.token === undefined &&
      (auth.username === undefined) !== (auth.password === undefined)
        ? [fault(['auth'], `\`${name}\` has only one of user and password`, 'give both, or a `token`')]
        : []),
      ...(auth?.token !== undefined && (auth.username !== undefined || auth.password !== undefined)
        ? [fault(['auth', 'token'], `\`${name}\` has a token beside user or password`, 'keep one of the two')]
        : []),
      ...((tls?.cert === undefined) !== (tls?.key === undefined)
        ? [
            fault(
              ['tls'],
              `\`${name}\` has only one of client certificate and key`,
              'give both `cert` and `key`',
            ),
          ]
        : []),
    ]
  })

/** Names under which k3s looks for an entry of `configs` (k3s-io/k3s pkg/agent/containerd, getHostConfigs). */
const askedFor = (context: RuleContext): ReadonlySet<string> =>
  new Set([
    ...Object.keys(registriesOf(context).mirrors ?? {}),
    ...endpointsOf(context).flatMap(({ url }) => (url === undefined ? [] : [url.host])),
    registriesOf(context).systemDefault ?? '',
  ])

export const usedCredentials: Rule = (context) => {
  if (!context.isSound(at)) return []
  const asked = askedFor(context)
  const hosts = new Set([...asked].map(hostOf))
  return Object.entries(registriesOf(context).configs ?? {}).flatMap(([name, { auth }]) => {
    if (auth === undefined || asked.has(name) || name === '*') return []
    const near = [...asked].find((other) => hostOf(other) === hostOf(name))
    // An image may well name a registry that has no mirror: only a near miss is surely meant otherwise.
    if (asked.size === 0 || (near === undefined && !hosts.has(hostOf(name)))) {
      return [
        faultAt(context, 'R1313', [...at, 'configs', name], `no mirror and no endpoint is \`${name}\``, {
          severity: 'warning',
          part: 'key',
          help: 'these credentials are used only for images that name this registry themselves',
        }),
      ]
    }
    return [
      faultAt(context, 'R1313', [...at, 'configs', name], `no mirror and no endpoint is \`${name}\``, {
        severity: 'warning',
        part: 'key',
        help: `did you mean \`${near ?? ''}\`?`,
      }),
    ]
  })
}

export const privateCredentials: Rule = (context) => {
  const { configs = {} } = registriesOf(context)
  return Object.entries(configs).flatMap(([name, { auth, tls }]) => {
    if (auth === undefined) return []
    const path = [...at, 'configs', name, 'auth']
    const open = endpointsOf(context).find(({ url }) => url?.protocol === 'http:' && url.host === name)
    if (open !== undefined)
      return [
        faultAt(context, 'R1314', path, `the password for \`${name}\` is sent in the clear`, {
          severity: 'warning',
          part: 'key',
          help: 'use https',
          related: [{ path: open.path, note: 'without TLS' }],
        }),
      ]
    if (tls?.insecureSkipVerify !== true) return []
    return [
      faultAt(context, 'R1314', path, `the password for \`${name}\` goes to whoever answers`, {
        severity: 'warning',
        part: 'key',
        help: 'name the authority of the registry by `tls: { ca: FILE }` instead',
        related: [
          { path: [...at, 'configs', name, 'tls', 'insecureSkipVerify'], note: 'any certificate will do' },
        ],
      }),
    ]
  })
}

/** docs.k3s.io/installation/registry-mirror and /private-registry. */
const january2024: FirstReleases = { 26: 13, 27: 10, 28: 6, 29: 1 }
const march2024: FirstReleases = { 26: 15, 27: 12, 28: 8, 29: 3 }

export const registriesRelease: Rule = (context) => {
  const { version } = context.profile.cluster.k3s
  const release = parseK3sRelease(version)
  if (release === undefined) return []
  const { mirrors, embedded, defaultEndpoint } = registriesOf(context)
  const everyRegistry = mirrors === undefined ? embedded === true : mirrors['*'] !== undefined
  const wishes = [
    {
      asked: embedded === true,
      path: [...at, 'embedded'],
      firsts: january2024,
      what: 'has no embedded registry',
    },
    {
      asked: defaultEndpoint === false,
      path: [...at, 'defaultEndpoint'],
      firsts: january2024,
      what: 'always asks the registry itself, too',
    },
    {
      asked: everyRegistry,
      path: mirrors === undefined ? [...at, 'embedded'] : [...at, 'mirrors', '*'],
      firsts: march2024,
      what: 'knows no mirror of every registry',
    },
  ]
  const [missed] = wishes.filter(({ asked, firsts }) => asked && !isFrom(release, firsts))
  return missed === undefined
    ? []
    : [
        faultAt(context, 'R1315', missed.path, `k3s ${version} ${missed.what}`, {
          part: 'key',
          help: `use ${firstRelease(missed.firsts, release.minor)} or later, or remove it`,
          related: [{ path: ['cluster', 'k3s', 'version'], note: 'the release is named here' }],
        }),
      ]
}

const keyOfSetting = {
  embedded: 'embedded-registry',
  defaultEndpoint: 'disable-default-registry-endpoint',
  systemDefault: 'system-default-registry',
} as const

export const registriesSaidOnce: Rule = (context) =>
  (Object.keys(keyOfSetting) as (keyof typeof keyOfSetting)[]).flatMap((part) => {
    if (registriesOf(context)[part] === undefined) return []
    const key = keyOfSetting[part]
    return k3sSettings(context)
      .filter(({ name }) => name === key)
      .map(({ path }) =>
        faultAt(context, 'R1317', path, `\`${key}\` is said by \`registries.${part}\` already`, {
          part: 'key',
          help: 'keep one of the two',
          related: [{ path: [...at, part], note: 'said here' }],
        }),
      )
  })
