/** Who may do what: administrators, the parts of a node, and whoever a ClusterRoleBinding of the manifests names. */

import type { User } from './auth.ts'
import { nodeOf } from './auth.ts'
import { HttpFault } from './http.ts'
import type { ObjectPath } from './kube-paths.ts'
import { RESOURCES } from './kube-paths.ts'
import type { State } from './state.ts'

interface Binding {
  readonly subjects?: readonly { readonly kind: string; readonly name: string }[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
}

/**
 * What Kubernetes' own roles for users let one read of the resources that are here. `view` shows no nodes (they belong to
 * no namespace) and no Secrets.
 */
const READABLE: Readonly<Record<string, readonly string[]>> = {
  view: ['configmaps', 'namespaces', 'pods'],
  edit: ['configmaps', 'namespaces', 'pods', 'secrets'],
  admin: ['configmaps', 'namespaces', 'pods', 'secrets'],
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', DELETE: 'delete' }

/** Throws the answer of an API server when the user may not. */
export function authorize(user: User, method: string, target: ObjectPath, state: State): void {
  if (user.groups.includes('system:masters')) return
  if (isNodesOwn(user, method, target)) return
  if (rolesOf(user, state).some((role) => allows(role, method, target.resource))) return
  const { resource, name, collection } = target
  const verb = method === 'GET' ? (name === '' ? 'list' : 'get') : VERBS[method]
  const group = RESOURCES[resource]?.apiVersion.includes('/') === true ? RESOURCES[resource].apiVersion : ''
  const where = collection.includes('/')
    ? `in the namespace "${collection.split('/')[0]}"`
    : 'at the cluster scope'
  throw new HttpFault(
    403,
    `${resource}${name === '' ? '' : ` "${name}"`} is forbidden: User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group.split('/')[0]}" ${where}`,
  )
}

/** A kubelet: its own node and lease, and reading; the other parts of a node: reading. */
function isNodesOwn(user: User, method: string, { resource, name }: ObjectPath): boolean {
  const own = nodeOf(user)
  const component = own !== null || ['system:kube-proxy', 'system:k3s-controller'].includes(user.name)
  if (method === 'GET') return component && resource !== 'secrets'
  if (own === null || !['nodes', 'leases'].includes(resource)) return false
  return method === 'POST' || (method === 'PUT' && name === own)
}

function rolesOf(user: User, state: State): string[] {
  const groups = [...user.groups, 'system:authenticated']
  return state.list('clusterrolebindings').flatMap((object) => {
    const { subjects = [], roleRef } = object as Binding
    const named = subjects.some(({ kind, name }) =>
      kind === 'User' ? name === user.name : kind === 'Group' && groups.includes(name),
    )
    return named && roleRef?.kind === 'ClusterRole' ? [roleRef.name] : []
  })
}

const allows = (role: string, method: string, resource: string): boolean =>
  role === 'cluster-admin' || (method === 'GET' && (READABLE[role]?.includes(resource) ?? false))
