/** Tokens from settings or from files that may still have to be made. */

import { setTimeout as sleep } from 'node:timers/promises'
import { readIfPresent } from '../files.ts'
import { log } from '../log.ts'
import type { Settings } from './settings.ts'

const POLL_MS = 2000
/** k3s gives up after four minutes and is started again by systemd. */
const PATIENCE_MS = 240_000

/** The value of `<name>-file` when that is set, else of `<name>`. */
export async function readSecret(settings: Settings, name: string): Promise<string> {
  const path = settings.text(`${name}-file`)
  if (path === '') return settings.text(name)
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const text = readIfPresent(path)
    if (text !== null) return text.trim()
    log.info(`Waiting for file "${path}" to be created\n`)
    if (Date.now() > end) throw new Error('context deadline exceeded')
    await sleep(POLL_MS)
  }
}
