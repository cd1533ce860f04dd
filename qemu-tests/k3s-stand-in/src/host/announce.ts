/** Says on the machine's console that this is no Kubernetes, so that nobody takes a test's node for a real one. */

import { appendFileSync } from 'node:fs'
import { log } from '../log.ts'
import { ownsMachine } from '../root.ts'
import { K3S_VERSION } from '../version.ts'

export function announce(role: 'server' | 'agent'): void {
  const what = role === 'agent' ? 'k3s agent' : 'k3s'
  log.info(`Starting ${what} ${K3S_VERSION} (stand-in: not Kubernetes, for tests only)`)
  if (!ownsMachine()) return
  try {
    appendFileSync(
      '/dev/console',
      `k3s ${role}: stand-in for ${K3S_VERSION}, not Kubernetes, for tests only\n`,
    )
  } catch {
    // Without a console there is nobody to mislead.
  }
}
