import type { Host } from '../host.ts'

/** Whether an ext3 or 4 inside an image has a journal that a kernel has to replay first: nothing else may write to it (ext4(5)). */
export const needsRecovery = async (host: Host, image: string, offset: number): Promise<boolean> => {
  const { stdout } = await host.exec(['debugfs', '-R', 'features', `${image}?offset=${offset}`], {
    doing: `read a file system of ${image}`,
  })
  return stdout.includes('needs_recovery')
}
