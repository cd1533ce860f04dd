import type { HardeningExpectation, NodePlan } from '../../plan/build-plan.ts'
import type { BootEvidence } from '../evidence.ts'
import type { Outcome } from './check.ts'
import { factLines, noneOf } from './check.ts'

const tlsFolder = '/var/lib/rancher/k3s/server/tls/'

const modesOf = (boot: BootEvidence): ReadonlyMap<string, string> =>
  new Map(
    factLines(boot, 'server-modes').map((line) => {
      const [mode = '', owner = '', ...path] = line.split(' ')
      return [path.join(' '), `${mode} ${owner}`]
    }),
  )

const asFound = (mode: number): string => `${mode.toString(8)} root:root`

type HardeningCheck = (boot: BootEvidence, expected: HardeningExpectation) => Outcome

const checks: Readonly<Record<string, HardeningCheck>> = {
  'kernel-parameters': (boot, { kernel }) => {
    const found = new Map(
      factLines(boot, 'kernel-parameters').map((line) => line.split(' = ') as [string, string]),
    )
    const complaints = Object.entries(kernel).flatMap(([name, value]) =>
      found.get(name) === value
        ? []
        : [`${name} is ${found.get(name) ?? 'not reported'} instead of ${value}`],
    )
    const count = Object.keys(kernel).length
    return noneOf(complaints, `${count} kernel parameters of the hardening`, `all ${count}`)
  },
  'hardening-files': (boot, { paths }) => {
    const found = modesOf(boot)
    const complaints = paths.flatMap(({ path, mode }) =>
      found.get(path) === asFound(mode) ? [] : [`${path}: ${found.get(path) ?? 'missing'}`],
    )
    return noneOf(
      complaints,
      `${paths.length} files and folders of the hardening, closed`,
      `all ${paths.length}`,
    )
  },
}

const serverChecks: typeof checks = {
  'certificates-closed': (boot) => {
    const certificates = [...modesOf(boot)].filter(
      ([path]) => path.startsWith(tlsFolder) && path.endsWith('.crt'),
    )
    const complaints = certificates
      .filter(([, found]) => found !== asFound(0o600))
      .map(([path, found]) => `${path}: ${found}`)
    return noneOf(
      certificates.length === 0 ? ['none was reported'] : complaints,
      'every certificate with mode 0600 of root',
      `${certificates.length} certificates`,
    )
  },
}

/** Of a node whose profile asks for the hardening; of others there is nothing to say. */
export const hardeningChecks = (boot: BootEvidence, node: NodePlan): Readonly<Record<string, Outcome>> => {
  const { hardening } = node.expect
  if (hardening === null) return {}
  const all = node.role === 'server' ? { ...checks, ...serverChecks } : checks
  return Object.fromEntries(Object.entries(all).map(([name, check]) => [name, check(boot, hardening)]))
}
