import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { RadioManager } from '../../base-image/locked-base-image.ts'
import { programsOf } from './needed-programs.ts'
import { startedUnits } from './started-units.ts'

/**
 * What of a base joins a wireless network; undefined: nothing in it. Where NetworkManager runs it takes every radio, also where
 * networkd has the cables (Ubuntu, 10-globally-managed-devices.conf). networkd runs where it is enabled, and where netplan says
 * so, whose generator starts it for the cables. Both have wpa_supplicant to talk to the access point.
 */
export const radioManagerOf = async (
  root: Pick<FileSystemReader, 'list'>,
): Promise<RadioManager | undefined> => {
  const programs = await programsOf(root)
  if (!programs.has('wpa_supplicant')) return undefined
  const started = await startedUnits(root)
  if (programs.has('nmcli') && started.includes('NetworkManager.service')) return 'network-manager'
  return programs.has('netplan') || started.includes('systemd-networkd.service') ? 'networkd' : undefined
}
