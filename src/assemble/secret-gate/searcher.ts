import { Buffer } from 'node:buffer'
import type { KnownSecret } from './known-secrets.ts'
import type { Form, Needle } from './needles.ts'
import { needlesOf } from './needles.ts'
import { createScanner } from './scanner.ts'

/** A secret where it must not be. */
export interface Finding {
  readonly secret: string
  readonly form: Form
  /** `manifests/app.yaml of the payload for arm64`. */
  readonly place: string
  /** Of its first byte in that place. */
  readonly offset: number
}

/** A search of one content, in pieces. */
export interface OpenSearch {
  readonly push: (chunk: Uint8Array) => void
  readonly end: () => readonly Finding[]
}

export interface Searcher {
  /** Contents of any size; secrets of fewer than eleven characters are only found in their encoded forms. */
  readonly open: (place: string) => OpenSearch
  /** Small contents, searched for short secrets too, except those that belong there. */
  readonly small: (place: string, content: Uint8Array, allowed?: ReadonlySet<string>) => readonly Finding[]
}

const isAllowed = ({ names }: KnownSecret, allowed: ReadonlySet<string>): boolean =>
  [...names].some((name) => allowed.has(name))

const nobody: ReadonlySet<string> = new Set()

export const createSearcher = (secrets: readonly KnownSecret[]): Searcher => {
  const long: { readonly needle: Needle; readonly secret: KnownSecret }[] = []
  const short: { readonly needle: Needle; readonly secret: KnownSecret }[] = []
  for (const secret of secrets) {
    const found = needlesOf(secret.value)
    for (const needle of found.needles) long.push({ needle, secret })
    for (const needle of found.short) short.push({ needle, secret })
  }
  const scanner = createScanner(long.map(({ needle }) => needle.bytes))

  const findings = (
    place: string,
    hits: readonly { readonly needle: Needle; readonly secret: KnownSecret; readonly offset: number }[],
    allowed: ReadonlySet<string>,
  ): readonly Finding[] => {
    const bySecret = new Map<KnownSecret, Finding>()
    for (const { needle, secret, offset } of hits) {
      if (isAllowed(secret, allowed) || bySecret.has(secret)) continue
      const name = [...secret.names].join(', ')
      bySecret.set(secret, { secret: name, form: needle.form, place, offset })
    }
    return [...bySecret.values()]
  }

  const open = (place: string, allowed: ReadonlySet<string>): OpenSearch => {
    const search = scanner.search()
    return {
      push: search.push,
      end: () =>
        findings(
          place,
          search.end().flatMap(({ pattern, offset }) => {
            const entry = long[pattern]
            return entry === undefined ? [] : [{ ...entry, offset }]
          }),
          allowed,
        ),
    }
  }

  return {
    open: (place) => open(place, nobody),
    small: (place, content, allowed = nobody) => {
      const search = open(place, allowed)
      search.push(content)
      const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
      const hits = short.flatMap((entry) => {
        const offset = bytes.indexOf(entry.needle.bytes)
        return offset < 0 ? [] : [{ ...entry, offset }]
      })
      return [...search.end(), ...findings(place, hits, allowed)]
    },
  }
}
