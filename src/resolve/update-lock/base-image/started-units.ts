import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'

/** Links of units that start by themselves (systemd.unit(5), WantedBy). */
export const startedUnits = (root: Pick<FileSystemReader, 'list'>): Promise<readonly string[]> =>
  root.list('/etc/systemd/system/multi-user.target.wants')
