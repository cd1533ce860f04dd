import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { ComponentFlag, K3sComponent } from '../../recipes/k3s-tables.ts'
import { parseDuration } from '../duration.ts'
import type { K3sArg } from '../k3s-arg.ts'
import { k3sArgs, k3sArgTexts, parseK3sArg } from '../k3s-arg.ts'
import { k3sSettings } from '../k3s-settings.ts'
import type { K3sRelease } from '../k3s-version.ts'
import type { Rule, RuleContext } from './context.ts'
import { duplicates, faultAt } from './context.ts'
import { releaseOf } from './k3s.ts'

/** What is wrong with the form of an entry: `max-pods 60`, `--max-pods=60`. */
const formFaults = (context: RuleContext, text: string, path: Path): readonly Diagnostic[] => {
  const arg = parseK3sArg(text, path)
  if (arg === undefined) {
    const meant = /^-*([A-Za-z][\w.-]*)(?:\s*[:=]\s*|\s+)(\S+)$/.exec(text.trim())
    return [
      faultAt(context, 'R0324', path, 'an entry is `name=value`', {
        help: meant === null ? 'such as `max-pods=60`' : `did you mean \`${meant[1]}=${meant[2]}\`?`,
      }),
    ]
  }
  if (!text.startsWith('-')) return []
  return [
    faultAt(context, 'R0324', path, 'an entry needs no dashes', {
      severity: 'warning',
      help: `write \`${arg.name}${arg.value === undefined ? '' : '=...'}\``,
    }),
  ]
}

const isAt = ({ since, removed }: ComponentFlag, minor: number): boolean =>
  (since === undefined || minor >= since) && (removed === undefined || minor < removed)

/** A name that the component does not have in this release. */
const nameFaults = (
  context: RuleContext,
  { name: component, known, names, flag }: K3sComponent & { readonly name: string },
  arg: K3sArg,
  { minor }: K3sRelease,
): readonly Diagnostic[] => {
  const isWhole = known.includes(minor)
  const asked = isWhole ? minor : Math.min(minor, known.at(-1) ?? minor)
  const found = flag(arg.name)
  if (found === undefined) {
    const candidates = names.filter((candidate) => {
      const entry = flag(candidate)
      return entry !== undefined && (!isWhole || isAt(entry, asked))
    })
    const near = suggest(arg.name.replaceAll('_', '-'), candidates)
    return [
      faultAt(context, 'R0325', arg.path, `${component} has no flag \`${arg.name}\``, {
        ...(isWhole ? {} : { severity: 'warning' as const }),
        ...(near === undefined ? {} : { help: `did you mean \`${near}\`?` }),
      }),
    ]
  }
  if (!known.includes(asked) || isAt(found, asked)) return []
  const isOld = found.since !== undefined && asked < found.since
  return [
    faultAt(context, 'R0332', arg.path, `${component} of v1.${minor} has no flag \`${arg.name}\``, {
      ...(isWhole ? {} : { severity: 'warning' as const }),
      help: isOld ? `it came with v1.${found.since}` : `it was removed by v1.${found.removed}`,
    }),
  ]
}

const wanted = {
  boolean: 'true or false',
  number: 'a number',
  duration: 'a length of time such as `5m`',
} as const

/** Whether a flag of this type reads a value; pflag reads booleans as Go does. */
const reads = (type: keyof typeof wanted, value: string): boolean => {
  if (type === 'boolean') return /^(1|0|t|f|true|false|TRUE|FALSE|True|False|T|F)$/.test(value)
  if (type === 'number') return /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value)
  return parseDuration(value) !== undefined
}

const valueFaults = (
  context: RuleContext,
  arg: K3sArg,
  flag: ComponentFlag | undefined,
): readonly Diagnostic[] => {
  const type = flag?.type ?? 'other'
  if (type === 'other') return []
  const fault = (message: string, help: string): readonly Diagnostic[] => [
    faultAt(context, 'R0324', arg.path, message, { help }),
  ]
  if (arg.value === undefined)
    return type === 'boolean' ? [] : fault(`\`${arg.name}\` needs a value`, `write \`${arg.name}=value\``)
  if (type === 'text' || type === 'list' || reads(type, arg.value)) return []
  return fault(
    `\`${arg.name}\` takes ${wanted[type]}`,
    type === 'duration' && /^\d+$/.test(arg.value)
      ? `name the unit, such as \`${arg.name}=${arg.value}s\``
      : `write ${wanted[type]} after \`=\``,
  )
}

/** What opens a component to everybody (docs.k3s.io/security/hardening-guide). */
const opens = (component: string, { name, value = 'true' }: K3sArg): boolean =>
  (name === 'anonymous-auth' && value === 'true' && component === 'kubelet') ||
  (name === 'authorization-mode' && value.split(',').includes('AlwaysAllow'))

const meaningFaults = (
  context: RuleContext,
  component: string,
  owned: K3sComponent['owned'],
  arg: K3sArg,
): readonly Diagnostic[] => {
  const why = owned(arg.name)
  if (why !== undefined)
    return [
      faultAt(context, 'R0327', arg.path, `\`${arg.name}\` of ${component} is set by k3s`, {
        help: `remove it: ${why}`,
      }),
    ]
  // Under `cis` the plugins of both are put together, and what opens a component is told by rules of its own.
  if (context.profile.cluster.k3s.hardening === 'cis') return []
  if (
    arg.name === 'enable-admission-plugins' &&
    !arg.adds &&
    !(arg.value ?? '').split(',').includes('NodeRestriction')
  )
    return [
      faultAt(
        context,
        'R0331',
        arg.path,
        '`enable-admission-plugins` replaces the `NodeRestriction` of k3s',
        {
          help: `write \`${arg.name}=NodeRestriction,${arg.value ?? ''}\``,
        },
      ),
    ]
  if (!opens(component, arg)) return []
  return [
    faultAt(context, 'R0333', arg.path, `\`${arg.text}\` lets everybody use ${component}`, {
      severity: 'warning',
      help: 'remove it: the default of k3s asks who is there',
    }),
  ]
}

const contradictions = (
  context: RuleContext,
  args: readonly K3sArg[],
  component: K3sComponent | undefined,
): readonly Diagnostic[] =>
  duplicates(
    args.filter(({ name, adds }) => {
      const type = component?.flag(name)?.type ?? 'other'
      return !adds && type !== 'list' && type !== 'other'
    }),
    ({ name }) => name,
  )
    .filter(({ item, first }) => item.value !== first.value)
    .map(({ item, first }) =>
      faultAt(context, 'R0326', item.path, `\`${item.name}\` is set twice`, {
        help: 'keep one of the two',
        related: [{ path: first.path, note: 'the first one' }],
      }),
    )

/** Entries of `kubelet-arg`, `kube-apiserver-arg` and the like, each at its own place. */
export const componentArgs: Rule = (context) => {
  const release = releaseOf(context)
  return k3sSettings(context).flatMap((setting) => {
    const name = context.recipes.k3s.keys.get(setting.name)?.component
    if (name === undefined) return []
    const component = context.recipes.k3s.components.get(name)
    const texts = k3sArgTexts(setting)
    const args = k3sArgs(setting)
    return [
      ...texts.flatMap(({ text, path }) => formFaults(context, text, path)),
      ...(component === undefined
        ? []
        : args.flatMap((arg) => {
            const unknown = nameFaults(context, { ...component, name }, arg, release)
            if (unknown.length > 0) return unknown
            return [
              ...valueFaults(context, arg, component.flag(arg.name)),
              ...meaningFaults(context, name, component.owned, arg),
            ]
          })),
      ...contradictions(context, args, component),
    ]
  })
}
