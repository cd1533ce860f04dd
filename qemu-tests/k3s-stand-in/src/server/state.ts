/**
 * The datastore: one JSON document, `db/state.db`, written whole and in one step at each change. Heartbeats are not
 * written.
 */

import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../files.ts'

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

interface Document {
  standIn: true
  clusterId: string
  bootstrap: BootstrapData | null
  objects: Record<string, KubeObject>
}

export class State {
  readonly #path: string
  readonly #document: Document

  constructor(serverDirectory: string, clusterId: string) {
    this.#path = join(serverDirectory, 'db', 'state.db')
    const text = readIfPresent(this.#path)
    this.#document =
      text === null
        ? { standIn: true, clusterId, bootstrap: null, objects: {} }
        : (JSON.parse(text) as Document)
  }

  get clusterId(): string {
    return this.#document.clusterId
  }

  get bootstrap(): BootstrapData | null {
    return this.#document.bootstrap
  }

  setBootstrap(data: BootstrapData): void {
    this.#document.bootstrap = data
    this.#save()
  }

  /** `collection` is such as `nodes` or `kube-system/secrets`. */
  get(collection: string, name: string): KubeObject | null {
    return this.#document.objects[`${collection}/${name}`] ?? null
  }

  list(collection: string): KubeObject[] {
    return Object.entries(this.#document.objects)
      .filter(([key]) => key.startsWith(`${collection}/`) && !key.slice(collection.length + 1).includes('/'))
      .map(([, value]) => value)
  }

  put(collection: string, value: KubeObject): void {
    this.#document.objects[`${collection}/${value.metadata.name}`] = value
    this.#save()
  }

  delete(collection: string, name: string): void {
    delete this.#document.objects[`${collection}/${name}`]
    this.#save()
  }

  #save(): void {
    writeFileAtomic(this.#path, JSON.stringify(this.#document), 0o600)
  }
}
