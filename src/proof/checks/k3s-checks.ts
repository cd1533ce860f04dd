import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import type { NodePlan } from '../../plan/build-plan.ts'
import type { BootEvidence } from '../evidence.ts'
import { isReady } from '../evidence.ts'
import { launcherStatus } from '../launcher-status.ts'
import type { Outcome } from './check.ts'
import { equals, fact, factLines, holds, noneOf } from './check.ts'

/** Full names, as containerd keeps them: `rancher/pause:3.6` is `docker.io/rancher/pause:3.6`. */
export const fullImageName = (name: string): string => {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost'
  const withRegistry = hasRegistry ? name : `docker.io/${slash === -1 ? 'library/' : ''}${name}`
  return /[:@][^/]*$/.test(withRegistry) ? withRegistry : `${withRegistry}:latest`
}

const configOf = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the plan has in the place of a secret: `{ secret: 'cluster.k3s.config.x' }`. k3s itself takes no maps. */
const isPlannedSecret = (planned: unknown): boolean =>
  isRecord(planned) && typeof planned['secret'] === 'string'

/** Equal, where a secret of the plan is any text that is not empty: its value is known to the node alone. */
const isAsPlanned = (found: unknown, planned: unknown): boolean => {
  if (isPlannedSecret(planned)) return typeof found === 'string' && found !== ''
  if (Array.isArray(planned))
    return (
      Array.isArray(found) &&
      found.length === planned.length &&
      planned.every((item, index) => isAsPlanned(found[index], item))
    )
  return isDeepStrictEqual(found, planned)
}

const holdsSecret = (planned: unknown): boolean =>
  isPlannedSecret(planned) || (Array.isArray(planned) && planned.some(holdsSecret))

/** For a report that others read: of a key that holds a secret, nothing of what was found. */
const complaint = (key: string, found: unknown, planned: unknown): string =>
  holdsSecret(planned)
    ? `${key}: not the text of a secret where one is planned`
    : `${key}: ${JSON.stringify(found) ?? 'missing'} instead of ${JSON.stringify(planned)}`

/** k3s itself, from inside the node. */
export const k3sChecks: Readonly<Record<string, (boot: BootEvidence, node: NodePlan) => Outcome>> = {
  'k3s-config': (boot, node) => {
    const config = configOf(fact(boot, 'k3s-config'))
    if (config === undefined) return holds(false, 'config.yaml as planned', 'no config.yaml that can be read')
    const complaints = Object.entries(node.k3sConfig).flatMap(([key, value]) =>
      isAsPlanned(config[key], value) ? [] : [complaint(key, config[key], value)],
    )
    return noneOf(complaints, 'every planned key of config.yaml', 'as planned')
  },
  'images-imported': (boot, node) => {
    const found = new Map(
      factLines(boot, 'images').map((line) => {
        const [name = '', digest = ''] = line.split(' ')
        return [fullImageName(name), digest] as const
      }),
    )
    const complaints = node.expect.images.flatMap(({ name, digest }) => {
      const there = found.get(fullImageName(name))
      if (there === undefined) return [`${name} is missing`]
      return digest === null || there === digest ? [] : [`${name} is ${there} instead of ${digest}`]
    })
    const count = node.expect.images.length
    return noneOf(complaints, `${count} images of the air-gap archives`, `all ${count}`)
  },
  // By which everybody knows: people, the light of a board, and who looks after k3s at its start.
  phase: (boot) => equals(launcherStatus(boot.facts).phase ?? '', 'running'),
  'payload-verified': (boot) => equals(fact(boot, 'payload-verified'), boot.boot === 1 ? 'full' : 'stamp'),
}

/** Only where k3s is a server: agents serve no API. */
export const serverChecks: typeof k3sChecks = {
  'ping-inside': (boot) => equals(fact(boot, 'ping'), 'pong'),
}

/** As `key=value:Effect`, the form of the profile; an empty value is left out, as k3s does. */
const taintText = ({ key, value, effect }: { key: string; value?: string; effect: string }): string =>
  `${key}${value === undefined || value === '' ? '' : `=${value}`}:${effect}`

const plannedTaint = (taint: string): string => taint.replace(/=:/, ':')

/** Over the API, from this host. */
export const apiChecks: typeof k3sChecks = {
  'ping-tls': (boot) => equals(boot.api?.ping ?? '', 'pong'),
  'kubeconfig-accepted': (boot) =>
    holds(
      boot.api?.nodeStatus === 200 || boot.api?.nodeStatus === 404,
      'an answer for the client certificate of the built kubeconfig',
      boot.api?.nodeStatus == null ? (boot.api?.error ?? 'no answer') : `HTTP ${boot.api.nodeStatus}`,
    ),
  'node-ready': (boot, node) => {
    const found = boot.api?.node
    const ready = isReady(found, boot.bootIds.at(-1))
    return holds(
      found?.metadata?.name === node.expect.hostname && ready,
      `node ${node.expect.hostname} is Ready in this boot`,
      found === undefined
        ? 'no such node'
        : `node ${found.metadata?.name ?? '?'} is ${ready ? '' : 'not '}Ready in this boot`,
    )
  },
  'node-labels': (boot, node) => {
    const labels = boot.api?.node?.metadata?.labels ?? {}
    const complaints = Object.entries(node.expect.labels).flatMap(([key, value]) =>
      labels[key] === value ? [] : [`${key}=${labels[key] ?? '(missing)'} instead of ${value}`],
    )
    if (boot.api?.node === undefined) return holds(false, 'labels as planned', 'no such node')
    return noneOf(complaints, 'labels as planned', 'as planned')
  },
  'node-taints': (boot, node) => {
    if (boot.api?.node === undefined) return holds(false, 'taints as planned', 'no such node')
    const taints = new Set((boot.api.node.spec?.taints ?? []).map(taintText))
    const complaints = node.expect.taints.flatMap((taint) =>
      taints.has(plannedTaint(taint)) ? [] : [`${taint} is missing`],
    )
    return noneOf(complaints, 'taints as planned', 'as planned')
  },
}
