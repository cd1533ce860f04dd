import { knowsBootstrapTokens } from '../k3s-features.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

const asking = ({ nodes }: RuleContext) =>
  nodes.flatMap((node) =>
    node.bootstrapToken === undefined
      ? []
      : [{ node, token: node.bootstrapToken, path: ['nodes', node.index, 'bootstrapToken'] }],
  )

export const bootstrapTokenOfAgents: Rule = (context) =>
  asking(context)
    .filter(({ node }) => node.role === 'server')
    .map(({ node, path }) =>
      faultAt(context, 'R1106', path, `\`${node.name}\` is a server, which no bootstrap token lets in`, {
        part: 'key',
        help: 'remove it: servers join with the token of servers',
      }),
    )

export const bootstrapTokenRelease: Rule = (context) => {
  const version = context.profile.cluster.k3s.version
  if (!context.isSound(['cluster', 'k3s', 'version']) || knowsBootstrapTokens(version)) return []
  return asking(context).map(({ path }) =>
    faultAt(context, 'R1107', path, `k3s ${version} does not know bootstrap tokens`, {
      part: 'key',
      help: 'use a newer release, or remove it: the agent then joins with the common token of agents',
      related: [{ path: ['cluster', 'k3s', 'version'], note: 'the release' }],
    }),
  )
}

/** The pattern has checked the form; `Date` takes 31 February for a day of March. */
const exists = (text: string): boolean => {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().replace('.000Z', 'Z') === text
}

export const bootstrapTokenEnd: Rule = (context) =>
  asking(context).flatMap(({ token, path }) => {
    if (token.expires === undefined || exists(token.expires)) return []
    return [
      faultAt(context, 'R1108', [...path, 'expires'], `there is no time \`${token.expires}\``, {
        help: 'use date and time in UTC, such as `2027-01-31T00:00:00Z`',
      }),
    ]
  })
