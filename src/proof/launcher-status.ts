import type { Facts } from './channel/report-protocol.ts'

/** What the launcher says of itself (templates/node/usr/lib/appliance/common.sh); empty where the node did not say. */
export interface LauncherStatus {
  readonly phase?: string
  readonly error?: string
}

export const launcherStatus = (facts: Facts | undefined): LauncherStatus => {
  try {
    return JSON.parse(facts?.get('status-json') ?? '{}') as LauncherStatus
  } catch {
    return {}
  }
}
