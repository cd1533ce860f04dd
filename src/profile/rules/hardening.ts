import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { podSecurityForm } from '../cis.ts'
import { k3sArgTexts } from '../k3s-arg.ts'
import { k3sSettings } from '../k3s-settings.ts'
import { parseK3sRelease } from '../k3s-version.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { argumentFault, keyFault } from './hardening-limits.ts'

const k3s: Path = ['cluster', 'k3s']
const asked = { path: [...k3s, 'hardening'], note: 'the hardening is asked for here' }

/** Of a profile that asks for the hardening and names a release. */
const hardenedMinor = ({ profile, isSound }: RuleContext): number | undefined => {
  const section = profile.cluster.k3s
  if (section.hardening !== 'cis' || !isSound([...k3s, 'version'])) return undefined
  return parseK3sRelease(section.version)?.minor
}

export const podSecurityNeedsHardening: Rule = (context) => {
  const { hardening, podSecurity } = context.profile.cluster.k3s
  if (podSecurity === undefined || hardening === 'cis' || !context.isSound([...k3s, 'hardening'])) return []
  return [
    faultAt(context, 'R1400', [...k3s, 'podSecurity'], '`podSecurity` does nothing without the hardening', {
      part: 'key',
      help: 'add `hardening: cis`, or remove it',
    }),
  ]
}

export const podSecurityRelease: Rule = (context) => {
  const minor = hardenedMinor(context)
  if (minor === undefined) return []
  const { version, podSecurity } = context.profile.cluster.k3s
  const enforce = podSecurity?.enforce ?? 'restricted'
  if (podSecurityForm(minor) !== 'policies' || enforce === 'restricted') return []
  return [
    faultAt(
      context,
      'R1402',
      [...k3s, 'podSecurity', 'enforce'],
      `k3s ${version} cannot enforce \`${enforce}\``,
      {
        help: 'use v1.23 or newer, or name the namespaces that need more under `exemptNamespaces`',
        related: [{ path: [...k3s, 'version'], note: 'the release is named here' }],
      },
    ),
  ]
}

/** What the user sets counts: so it must not take away what the hardening is for. */
export const nothingUndone: Rule = (context) => {
  const minor = hardenedMinor(context)
  if (minor === undefined) return []
  return k3sSettings(context).flatMap((setting): readonly Diagnostic[] => {
    const found = [
      { path: setting.path, fault: keyFault(setting.name, setting.value) },
      ...(setting.name.endsWith('-arg') ? k3sArgTexts(setting) : []).map(({ path, text }) => ({
        path,
        fault: argumentFault(setting.name, text, minor),
      })),
    ]
    return found.flatMap(({ path, fault }) =>
      fault === undefined
        ? []
        : [
            faultAt(context, fault.code, path, fault.message, {
              severity: fault.code === 'R1410' ? 'error' : 'warning',
              help: fault.help,
              related: [asked],
            }),
          ],
    )
  })
}

/** k3s itself starts with it, and then no container does. */
export const policyForSelinux: Rule = (context) => {
  const { profile, recipes } = context
  const base = profile.base?.image === undefined ? recipes.bases[profile.base?.os ?? 'debian-13'] : undefined
  if (base === undefined || base.selinux === true) return []
  return k3sSettings(context).flatMap(({ path, name, value }) =>
    name === 'selinux' && value === true
      ? [
          faultAt(context, 'R1413', path, `the base \`${base.name}\` has no SELinux policy for k3s`, {
            help: 'remove it: on Debian AppArmor confines containers, without a setting',
          }),
        ]
      : [],
  )
}
