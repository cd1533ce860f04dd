/**
 * The root that paths of the machine (`/etc`, `/proc`, `/sys`) are taken under. `/` unless a test of this program runs it
 * beside other processes and names another one.
 */

import { join } from 'node:path'

export function machineRoot(): string {
  return process.env['K3S_STAND_IN_ROOT'] ?? '/'
}

export function machinePath(path: string): string {
  return join(machineRoot(), path)
}

/** True when this program may change the machine: load modules, set kernel parameters. */
export function ownsMachine(): boolean {
  return machineRoot() === '/'
}
