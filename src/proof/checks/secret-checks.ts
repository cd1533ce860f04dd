import type { InstallEntry, NodePlan } from '../../plan/build-plan.ts'
import { isSecret } from '../../plan/build-plan.ts'
import type { BootEvidence } from '../evidence.ts'
import type { Outcome } from './check.ts'
import { equals, fact, factLines, holds, noneOf } from './check.ts'

const secretsOf = (node: NodePlan): readonly InstallEntry[] =>
  node.seed.install.filter(({ content }) => isSecret(content))

/** Secrets are where they belong, readable by root alone, and nowhere else. */
export const secretChecks: Readonly<Record<string, (boot: BootEvidence, node: NodePlan) => Outcome>> = {
  'secrets-private': (boot, node) => {
    const found = new Map<string, readonly [string, string, string]>()
    for (const line of factLines(boot, 'secret-modes')) {
      const [mode = '', owner = '', directoryMode = '', ...path] = line.split(' ')
      found.set(path.join(' '), [mode, owner, directoryMode])
    }
    const complaints = secretsOf(node).flatMap(({ target }) => {
      const [mode, owner] = found.get(target) ?? ['not reported', '']
      return Number.parseInt(mode, 8) === 0o600 && owner === 'root:root'
        ? []
        : [`${target}: ${mode} ${owner}`.trim()]
    })
    const count = secretsOf(node).length
    return noneOf(complaints, `${count} secret files with mode 0600 of root`, `all ${count}`)
  },
  'files-installed': (boot, node) => {
    const found = new Map(
      factLines(boot, 'installed-sha256').map((line) => {
        const [state = '', ...path] = line.split(' ')
        return [path.join(' '), state] as const
      }),
    )
    const complaints = node.seed.install.flatMap(({ target }) => {
      const state = found.get(target) ?? 'not reported'
      return state === 'ok' ? [] : [`${target}: ${state}`]
    })
    const count = node.seed.install.length
    return noneOf(complaints, `${count} files as they were built`, `all ${count}`)
  },
  'seed-wiped': (boot, node) => {
    const lines = factLines(boot, 'seed-secrets')
    const left = lines.filter((line) => !/^(zero|gone) /.test(line))
    const expected = `${secretsOf(node).length} secret files of the seed overwritten`
    if (lines.length < secretsOf(node).length) return holds(false, expected, `${lines.length} reported`)
    return noneOf(left, expected, `${lines.length} overwritten`)
  },
  'seed-marked': (boot) => equals(fact(boot, 'seed-installed'), 'yes'),
  'no-secret-in-cloud-init': (boot) => equals(fact(boot, 'cloud-secrets'), '0'),
}
