import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { parseLifetime } from '../lifetime.ts'
import type { Rule, RuleContext } from './context.ts'
import { duplicates, faultAt } from './context.ts'

const at: Path = ['access', 'kubeconfigs']

/** Common name of the administrator's certificate; its file is `kubeconfig`. */
export const administrator = 'appliance-admin'

const maxLifetimeDays = 10 * 365

const kubeconfigs = ({ profile }: RuleContext) => profile.access?.kubeconfigs ?? []

export const uniqueKubeconfigs: Rule = (context) =>
  duplicates(
    kubeconfigs(context).map(({ name }, index) => ({ name, index })),
    ({ name }) => name,
  ).map(({ item, first }) =>
    faultAt(context, 'R1101', [...at, item.index, 'name'], `two kubeconfigs are named \`${item.name}\``, {
      help: 'give the first one all groups',
      related: [{ path: [...at, first.index, 'name'], note: 'first named here' }],
    }),
  )

export const kubeconfigNames: Rule = (context) =>
  kubeconfigs(context).flatMap(({ name }, index) => {
    const [message, help] =
      name === administrator
        ? [`\`${name}\` is the administrator's`, 'its lifetime is `access.admin.lifetime`']
        : name.startsWith('system:')
          ? [`\`${name}\` belongs to Kubernetes`, 'use a name without `system:`']
          : /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/.test(name)
            ? []
            : [
                `\`${name}\` cannot be a name of a user and of a file`,
                'use up to 63 letters, digits, `.`, `_`, `@` and `-`, the first a letter or digit',
              ]
    return message === undefined
      ? []
      : [
          faultAt(context, 'R1102', [...at, index, 'name'], message, {
            ...(help === undefined ? {} : { help }),
          }),
        ]
  })

/** The one group of Kubernetes' own beside `system:masters` that is meant to be given to people and programs. */
const harmlessGroup = 'system:monitoring'

export const kubeconfigGroups: Rule = (context) =>
  kubeconfigs(context).flatMap(({ groups }, index) =>
    (groups ?? []).flatMap((group, position): readonly Diagnostic[] => {
      if (!group.startsWith('system:') || group === harmlessGroup) return []
      const path = [...at, index, 'groups', position]
      if (group !== 'system:masters') {
        return [
          faultAt(context, 'R1103', path, `\`${group}\` is a group of Kubernetes' own`, {
            help: 'use a group of your own, and `role` for what it may do',
          }),
        ]
      }
      return [
        faultAt(context, 'R1103', path, 'nothing restricts members of `system:masters`', {
          severity: 'warning',
          help: 'use a group of your own with `role: cluster-admin`, which can be taken back',
        }),
      ]
    }),
  )

export const kubeconfigLifetimes: Rule = (context) =>
  [
    { path: ['access', 'admin', 'lifetime'], text: context.profile.access?.admin?.lifetime },
    ...kubeconfigs(context).map(({ lifetime }, index) => ({
      path: [...at, index, 'lifetime'],
      text: lifetime,
    })),
  ].flatMap(({ path, text }) => {
    const days = text === undefined ? undefined : parseLifetime(text)
    if (days === undefined || days <= maxLifetimeDays) return []
    return [
      faultAt(context, 'R1104', path, `\`${text}\` is longer than ten years`, {
        help: 'a kubeconfig cannot be revoked; a build makes a new one when it is about to end',
      }),
    ]
  })

export const kubeconfigRoles: Rule = (context) =>
  kubeconfigs(context).flatMap(({ role }, index) => {
    if (role === undefined || /^[A-Za-z0-9]([A-Za-z0-9:._-]{0,251}[A-Za-z0-9])?$/.test(role)) return []
    return [
      faultAt(context, 'R1105', [...at, index, 'role'], `\`${role}\` cannot be the name of a ClusterRole`, {
        help: 'such as `view`, `edit`, `admin` or `cluster-admin`',
      }),
    ]
  })
