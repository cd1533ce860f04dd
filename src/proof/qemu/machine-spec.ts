import type { Architecture } from '../../plan/build-plan.ts'
import type { DirectStart } from './direct-start.ts'
import type { AcceleratorName, MachineModel } from './machine-model.ts'

/** A path inside an option of QEMU's, where a comma ends the value. */
export const optionPath = (path: string): string => path.replaceAll(',', ',,')

/** UEFI firmware: its code, read-only, and this machine's variables. */
export interface FirmwareStart {
  readonly kind: 'firmware'
  readonly code: string
  readonly variables: string
}

/** Everything a virtual machine is started with. */
export interface MachineSpec {
  readonly node: string
  readonly architecture: Architecture
  readonly model: MachineModel
  readonly accelerator: AcceleratorName
  readonly memoryMiB: number
  readonly processors: number
  readonly start: FirmwareStart | DirectStart
  /** qcow2 overlay; the image below it is never written. */
  readonly disk: string
  readonly macAddress: string
  /** Unix socket of this machine's port on the virtual switch. */
  readonly networkSocket: string
  readonly reportSocket: string
  readonly consoleSocket: string
  readonly monitorSocket: string
  /** QEMU appends everything the console prints to it. */
  readonly consoleLog: string
  /** What the clock says at power-on, ISO 8601 without zone, UTC; null: the time of the host. */
  readonly clockBase: string | null
}
