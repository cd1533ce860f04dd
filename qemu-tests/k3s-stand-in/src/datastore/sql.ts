/** What the SQL databases share: a row for each change, the newest one of a name counts (kine pkg/drivers/generic). */

import type { Database } from './database.ts'

export interface Row {
  readonly name: string
  readonly id: number
  readonly deleted: number
  readonly value: string
}

export interface NewRow {
  readonly name: string
  readonly created: 0 | 1
  readonly deleted: 0 | 1
  /** Id of the row before it; with the name unique, so that one writer wins. */
  readonly previous: number
  readonly value: string
}

export interface SqlStatements {
  readonly newest: (prefix: string) => Promise<readonly Row[]>
  /** False when another writer was faster. */
  readonly insert: (row: NewRow) => Promise<boolean>
  readonly forget: (name: string, beforeId: number) => Promise<void>
}

export const likePrefix = (prefix: string): string => `${prefix.replace(/[\\%_]/g, '\\$&')}%`

export class SqlDatabase implements Database {
  readonly #statements: SqlStatements

  constructor(statements: SqlStatements) {
    this.#statements = statements
  }

  async list(prefix: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#statements.newest(prefix)
    return new Map(rows.filter(({ deleted }) => deleted === 0).map(({ name, value }) => [name, value]))
  }

  async create(key: string, value: string): Promise<boolean> {
    const before = await this.#newest(key)
    if (before !== undefined && before.deleted === 0) return false
    return this.#statements.insert({
      name: key,
      created: 1,
      deleted: 0,
      previous: before?.id ?? 0,
      value,
    })
  }

  put(key: string, value: string): Promise<void> {
    return this.#change(key, value, 0)
  }

  delete(key: string): Promise<void> {
    return this.#change(key, '', 1)
  }

  async #newest(key: string): Promise<Row | undefined> {
    return (await this.#statements.newest(key)).find(({ name }) => name === key)
  }

  async #change(key: string, value: string, deleted: 0 | 1): Promise<void> {
    for (;;) {
      const before = await this.#newest(key)
      const previous = before?.id ?? 0
      if (await this.#statements.insert({ name: key, created: 0, deleted, previous, value })) {
        await this.#statements.forget(key, previous)
        return
      }
    }
  }
}
