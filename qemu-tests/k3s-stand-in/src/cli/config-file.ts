/** `config.yaml` and `config.yaml.d`: merged by key and turned into arguments that precede those of the command line. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, parseDocument } from 'yaml'
import { withMessage } from '../log.ts'

/** Arguments from the files, in the order in which keys were first seen; none when there is no file at all. */
export function readConfigArguments(file: string): string[] {
  const order: string[] = []
  const values = new Map<string, unknown>()
  for (const path of filesOf(file)) {
    for (const [written, value] of readPairs(path)) {
      const appends = written.endsWith('+')
      const key = appends ? written.slice(0, -1) : written
      if (!order.includes(key)) order.push(key)
      const old = values.get(key)
      values.set(key, appends && values.has(key) ? [...toList(old), ...toList(value)] : value)
    }
  }
  return order.flatMap((key) => {
    const prefix = key.length === 1 ? '-' : '--'
    const value = values.get(key)
    return (Array.isArray(value) ? value : [value]).map((item) => `${prefix}${key}=${toText(item)}`)
  })
}

function filesOf(file: string): string[] {
  const folder = `${file}.d`
  const extra = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => !entry.isDirectory() && /\.ya?ml$/i.test(entry.name))
        .map((entry) => entry.name)
        .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
        .map((name) => join(folder, name))
    : []
  return existsSync(file) ? [file, ...extra] : extra
}

function readPairs(path: string): [string, unknown][] {
  // k3s reads YAML 1.1: `yes` is true and 0640 is an octal number.
  const document = parseDocument(readFileSync(path, 'utf8'), { version: '1.1' })
  const fault = document.errors[0]
  if (fault !== undefined) throw withMessage(fault, path)
  if (document.contents === null) return []
  if (!isMap(document.contents))
    throw new Error(`${path}: yaml: unmarshal errors: cannot unmarshal into a map`)
  return document.contents.items.map((pair) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
    const { value } = pair as { value: { toJSON(): unknown } | null }
    return [key, value === null ? null : value.toJSON()]
  })
}

function toList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  const text = toText(value).trim()
  return text === '' ? [] : [text]
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
