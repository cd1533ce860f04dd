/** What the datastore holds, and how it changes: the same for the file of a single server and for members of etcd. */

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly [key: string]: unknown
  }
  readonly [key: string]: unknown
}

/** Cluster certificates and keys as they were when the cluster began, by their path below the server's folder. */
export interface BootstrapData {
  /** Digest of the token's password: data of another token cannot be read. */
  readonly key: string
  readonly files: Readonly<Record<string, { readonly timestamp: number; readonly content: string }>>
}

/** A server with embedded etcd. */
export interface Member {
  /** `<node>-<8 hex>`. */
  readonly name: string
  readonly node: string
  readonly address: string
  /** Where agents find its API, `host:port`. */
  readonly api: string
  readonly learner: boolean
}

export interface Document {
  readonly standIn: true
  readonly clusterId: string
  readonly bootstrap: BootstrapData | null
  readonly objects: Readonly<Record<string, KubeObject>>
  /** Empty without etcd. */
  readonly members: readonly Member[]
  /** Term of the leader that wrote it, and number of the change. */
  readonly term: number
  readonly revision: number
}

export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: KubeObject }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'bootstrap'; readonly data: BootstrapData }
  | { readonly kind: 'add'; readonly member: Member }
  | { readonly kind: 'promote'; readonly name: string }
  | { readonly kind: 'remove'; readonly node: string }
  | { readonly kind: 'nothing' }

export function emptyDocument(clusterId: string, members: readonly Member[] = []): Document {
  return { standIn: true, clusterId, bootstrap: null, objects: {}, members, term: 0, revision: 0 }
}

/** Throws where etcd refuses a change of its members. */
export function applyOperation(document: Document, operation: Operation): Document {
  const next = { ...document, revision: document.revision + 1 }
  switch (operation.kind) {
    case 'put':
      return { ...next, objects: { ...document.objects, [operation.key]: operation.value } }
    case 'delete': {
      const { [operation.key]: _gone, ...objects } = document.objects
      return { ...next, objects }
    }
    case 'bootstrap':
      return { ...next, bootstrap: operation.data }
    case 'add':
      return { ...next, members: added(document.members, operation.member) }
    case 'promote':
      return {
        ...next,
        members: document.members.map((member) =>
          member.name === operation.name ? { ...member, learner: false } : member,
        ),
      }
    case 'remove':
      return { ...next, members: document.members.filter(({ node }) => node !== operation.node) }
    case 'nothing':
      return next
  }
}

/** Messages of etcd (server/etcdserver/api/rpctypes/error.go) and of k3s (pkg/etcd/etcd.go, Join). */
function added(members: readonly Member[], member: Member): Member[] {
  if (members.some(({ name, address }) => name === member.name && address === member.address))
    return [...members]
  if (members.some(({ node }) => node === member.node))
    throw new Error('duplicate node name found, please use a unique name for this node')
  if (members.some(({ address }) => address === member.address))
    throw new Error('etcdserver: Peer URLs already exists')
  if (members.some(({ learner }) => learner))
    throw new Error('etcdserver: too many learner members in cluster')
  return [...members, { ...member, learner: true }]
}
