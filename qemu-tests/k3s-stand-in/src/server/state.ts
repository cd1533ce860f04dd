/**
 * The cluster's objects in the datastore. Reading is immediate; a change is done when the datastore has taken it. Heartbeats
 * are not written.
 */

import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../files.ts'
import type { BootstrapData, Document, KubeObject, Operation } from './document.ts'
import { applyOperation, emptyDocument } from './document.ts'

export type { BootstrapData, KubeObject } from './document.ts'

export interface Store {
  readonly document: Document
  readonly change: (operation: Operation) => Promise<void>
}

/** Without etcd: one JSON document, `db/state.db`, written whole and in one step at each change. */
export function fileStore(serverDirectory: string, clusterId: string): Store {
  const path = join(serverDirectory, 'db', 'state.db')
  const text = readIfPresent(path)
  let document = { ...emptyDocument(clusterId), ...(text === null ? {} : (JSON.parse(text) as Document)) }
  return {
    get document() {
      return document
    },
    change: async (operation) => {
      document = applyOperation(document, operation)
      writeFileAtomic(path, JSON.stringify(document), 0o600)
    },
  }
}

export class State {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  get bootstrap(): BootstrapData | null {
    return this.#store.document.bootstrap
  }

  setBootstrap(data: BootstrapData): Promise<void> {
    return this.#store.change({ kind: 'bootstrap', data })
  }

  /** `collection` is such as `nodes` or `kube-system/secrets`. */
  get(collection: string, name: string): KubeObject | null {
    return this.#store.document.objects[`${collection}/${name}`] ?? null
  }

  list(collection: string): KubeObject[] {
    return Object.entries(this.#store.document.objects)
      .filter(([key]) => key.startsWith(`${collection}/`) && !key.slice(collection.length + 1).includes('/'))
      .map(([, value]) => value)
  }

  put(collection: string, value: KubeObject): Promise<void> {
    return this.#store.change({ kind: 'put', key: `${collection}/${value.metadata.name}`, value })
  }

  delete(collection: string, name: string): Promise<void> {
    return this.#store.change({ kind: 'delete', key: `${collection}/${name}` })
  }
}
