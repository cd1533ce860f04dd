import { suggestionHelp } from '../../diagnostics/suggest.ts'
import type { Rule } from './context.ts'
import { duplicates, faultAt } from './context.ts'

export const uniqueNames: Rule = (context) =>
  duplicates(context.nodes, (node) => node.name).map(({ item, first }) =>
    faultAt(context, 'R0101', ['nodes', item.index, 'name'], `two nodes are named \`${item.name}\``, {
      help: 'give each node a name of its own',
      related: [{ path: ['nodes', first.index, 'name'], note: 'first named here' }],
    }),
  )

export const oneServerAtLeast: Rule = (context) => {
  if (!context.isSound(['nodes']) || context.nodes.some((node) => node.role === 'server')) return []
  return [
    faultAt(context, 'R0102', ['nodes'], 'the cluster has no server', {
      part: 'key',
      help: 'set `role: server` on the node that starts the cluster',
    }),
  ]
}

export const oneServerWithSqlite: Rule = (context) => {
  const { datastore } = context.profile.cluster.k3s
  if ((datastore?.kind ?? 'sqlite') !== 'sqlite' || !context.isSound(['cluster', 'k3s', 'datastore']))
    return []
  const [first, ...others] = context.nodes.filter((node) => node.role === 'server')
  if (first === undefined) return []
  return others.map((node) =>
    faultAt(
      context,
      'R0103',
      ['nodes', node.index, 'role'],
      `\`${node.name}\` would be a second server on sqlite`,
      {
        help: 'make it an agent, or set `cluster.k3s.datastore.kind` to a datastore for several servers',
        related: [{ path: ['nodes', first.index, 'role'], note: 'the first server' }],
      },
    ),
  )
}

export const datastoreSettings: Rule = (context) => {
  const { datastore } = context.profile.cluster.k3s
  const path = ['cluster', 'k3s', 'datastore']
  if (datastore?.kind === undefined || !context.isSound(path)) return []
  if (datastore.kind === 'external') {
    if (datastore.endpoint !== undefined) return []
    return [
      faultAt(context, 'R0108', [...path, 'kind'], 'the external datastore has no `endpoint`', {
        help: 'name the secret that holds its address: `endpoint: { env: DATASTORE_ENDPOINT }`',
      }),
    ]
  }
  return (['endpoint', 'ca', 'cert', 'key'] as const)
    .filter((key) => datastore[key] !== undefined)
    .map((key) =>
      faultAt(context, 'R0108', [...path, key], `\`${key}\` has no meaning for ${datastore.kind}`, {
        part: 'key',
        help: 'remove it, or set `kind: external`',
      }),
    )
}

export const knownBoards: Rule = (context) => {
  const known = Object.keys(context.recipes.boards)
  return context.nodes.flatMap((node) => {
    const path = node.origin(['board'])
    if (node.board === undefined) {
      if (!context.isSound(['nodes', node.index, 'board']) || !context.isSound(['defaults', 'board']))
        return []
      return [
        faultAt(context, 'R0105', ['nodes', node.index, 'name'], `\`${node.name}\` has no board`, {
          help: `set \`board\` here or under \`defaults\`: ${known.join(', ')}`,
        }),
      ]
    }
    if (known.includes(node.board)) return []
    const help = suggestionHelp(node.board, known)
    return [
      faultAt(
        context,
        'R0106',
        path,
        `there is no board \`${node.board}\``,
        help === undefined ? {} : { help },
      ),
    ]
  })
}

export const knownBase: Rule = (context) => {
  const { base } = context.profile
  if (base?.os === undefined || Object.hasOwn(context.recipes.bases, base.os)) return []
  const help = suggestionHelp(base.os, Object.keys(context.recipes.bases))
  return [
    faultAt(
      context,
      'R0107',
      ['base', 'os'],
      `there is no base \`${base.os}\``,
      help === undefined ? {} : { help },
    ),
  ]
}
