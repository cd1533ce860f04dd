import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { BaseSoftware, OptionalSoftware } from '../../base-image/base-software.ts'
import type { LockedBaseImage } from '../../base-image/locked-base-image.ts'
import type { BaseKernel } from './base-kernels.ts'
import { lackingModules } from './base-kernels.ts'
import { programsOf } from './needed-programs.ts'
import { radioManagerOf } from './radio-manager.ts'
import { startedUnits } from './started-units.ts'

const optionalPrograms = ['nft', 'sshd', 'sudo'] as const

const timesyncd = ['/usr/lib/systemd/systemd-timesyncd', '/lib/systemd/systemd-timesyncd']

const asksForTime = async (root: FileSystemReader, programs: ReadonlySet<string>): Promise<boolean> => {
  if (programs.has('chronyd')) return true
  for (const path of timesyncd) if (await root.exists(path)) return true
  return false
}

/** Where chrony's settings are: as Debian has them, and as everybody else has. */
const chronySettings = ['/etc/chrony/chrony.conf', '/etc/chrony.conf']

const chronyOf = async (
  root: FileSystemReader,
  programs: ReadonlySet<string>,
  started: readonly string[],
): Promise<string | undefined> => {
  if (!programs.has('chronyd') || !started.some((name) => /^chronyd?\.service$/.test(name))) return undefined
  for (const path of chronySettings) if (await root.exists(path)) return path
  return undefined
}

/** What the lock has of a root. */
export type RootFacts = BaseSoftware & Pick<LockedBaseImage, 'radio'>

/** What of a base counts for some profiles alone: they are compared with it whenever they are read. */
export const baseSoftwareOf = async (
  root: FileSystemReader,
  kernels: readonly BaseKernel[],
): Promise<RootFacts> => {
  const programs = await programsOf(root)
  const started = await startedUnits(root)
  const lacks: OptionalSoftware[] = optionalPrograms.filter((name) => !programs.has(name))
  if (!(await asksForTime(root, programs))) lacks.push('time')
  if (lackingModules(kernels, ['vxlan']).length > 0) lacks.push('vxlan')
  const chrony = await chronyOf(root, programs, started)
  const radio = await radioManagerOf(root)
  return {
    ...(radio === undefined ? {} : { radio }),
    ...(lacks.length === 0 ? {} : { lacks }),
    ...(programs.has('NetworkManager') && started.includes('NetworkManager.service')
      ? { networkManager: true }
      : {}),
    ...(chrony === undefined ? {} : { chrony }),
  }
}
