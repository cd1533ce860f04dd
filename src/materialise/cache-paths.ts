import { join } from 'node:path'
import type { BasePlan } from '../plan/build-plan.ts'

/** `$APPLIANCE_CACHE`, else `$XDG_CACHE_HOME/appliance`, else `~/.cache/appliance`. */
export const cacheDirectory = (environment: Readonly<Record<string, string | undefined>>): string => {
  if (environment.APPLIANCE_CACHE) return environment.APPLIANCE_CACHE
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, 'appliance')
  return join(environment.HOME ?? '/', '.cache', 'appliance')
}

/** Inputs by content; the first two hex digits make folders of bearable size. */
export const storedFile = (cache: string, sha256: string): string =>
  join(cache, 'store', sha256.slice(0, 2), sha256)

/** What the file looked like when it was last hashed. */
export const stampOf = (path: string): string => `${path}.stamp`

export const builtFolder = (cache: string, kind: string, id: string): string => join(cache, 'built', kind, id)

/** On the cache's own file system, so that finished work is renamed into place. */
export const workDirectory = (cache: string): string => join(cache, 'tmp')

/** What long steps print; overwritten by the next one of the same name. */
const logFile = (cache: string, name: string): string => join(cache, 'logs', `${name}.log`)

/** Where the making of a base is logged. */
export const baseLog = (cache: string, { architecture, id }: Pick<BasePlan, 'architecture' | 'id'>): string =>
  logFile(cache, `base-${architecture}-${id.slice(0, 12)}`)
