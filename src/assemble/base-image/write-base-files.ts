import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { StepFault } from '../../diagnostics/fault.ts'
import { createExtReader } from '../../host/disk/ext-reader.ts'
import { needsRecovery } from '../../host/disk/ext-recovery.ts'
import type { FileSystemPlace } from '../../host/disk/file-manifest.ts'
import { changedFile, fileManifest } from '../../host/disk/file-manifest.ts'
import type { Host } from '../../host/host.ts'
import type { BaseFile, BasePartition } from '../../plan/build-plan.ts'
import { foldersOf } from '../fat.ts'

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Written {
  /** Of the partition. */
  readonly path: string
  readonly partition: BasePartition
  readonly files: readonly BaseFile[]
  /** Seconds since 1970, for every time stamp. */
  readonly epoch: number
  readonly workFolder: string
}

const writeFat = async (host: Host, { path, files, epoch }: Written): Promise<void> => {
  for (const file of files) {
    await host.exec(['mcopy', '-o', '-i', path, '-', `::${file.path}`], {
      input: file.text,
      env: { SOURCE_DATE_EPOCH: String(epoch), MTOOLS_SKIP_CHECK: '1' },
      doing: `write ${file.path} to the base`,
    })
  }
}

/** Root's alone: what a first start reads is nobody else's business. */
const extMode = '0100600'

const writeExt = async (host: Host, { path, files, epoch, workFolder }: Written): Promise<void> => {
  const doing = 'write to a file system of the base'
  if (await needsRecovery(host, path, 0)) {
    throw new StepFault('a file system of the base image was not closed cleanly, and is not written to', {
      code: 'L0080',
      help: 'mount and unmount it once where the image was made',
    })
  }
  const source = join(workFolder, 'base-file')
  const reader = createExtReader(host, path, 0)
  for (const { path: target, text } of files) {
    await host.files.writeAtomic(source, text)
    // debugfs leaves an inode that nobody names where it is to make a folder that is there.
    const missing: string[] = []
    for (const folder of foldersOf([target])) if (!(await reader.exists(`/${folder}`))) missing.push(folder)
    const requests = [
      ...missing.map((folder) => `mkdir /${folder}`),
      ...((await reader.exists(`/${target}`)) ? [`rm /${target}`] : []),
      `write ${source} /${target}`,
      `set_inode_field /${target} mode ${extMode}`,
      `set_inode_field /${target} uid 0`,
      `set_inode_field /${target} gid 0`,
    ]
    await host.exec(['debugfs', '-w', '-f', '-', path], {
      input: `${requests.join('\n')}\n`,
      env: { E2FSPROGS_FAKE_TIME: String(epoch) },
      doing,
    })
  }
  await host.files.remove(source)
  await host.exec(['e2fsck', '-fn', path], { doing: 'check the file system that was written to' })
}

/**
 * Writes files into a copy of a partition of the base. That every other file is what it was, is compared. Equal arguments
 * give equal bytes.
 */
export const writeBaseFiles = async (host: Host, written: Written): Promise<void> => {
  const { path, partition, files, workFolder } = written
  const kind = partition.fileSystem === 'vfat' ? 'fat' : 'ext'
  const place: FileSystemPlace = { path, offset: 0, kind }
  const before = await fileManifest(host, place, workFolder)
  await (kind === 'fat' ? writeFat : writeExt)(host, written)
  const after = await fileManifest(host, place, workFolder)
  const names = files.map((file) => file.path)
  const changed = changedFile(before, after, names)
  if (changed !== undefined) throw new Error(`${changed} of partition ${partition.number} is not what it was`)
  const hashes = new Map([...after].map(([name, sha256]) => [name.toLowerCase(), sha256]))
  const lost = files.find(({ path: name, text }) => hashes.get(name.toLowerCase()) !== sha256Of(text))
  if (lost === undefined) return
  throw new StepFault(
    `${lost.path} could not be written whole to partition ${partition.number} of the base`,
    {
      help: 'make room on that partition of the base image',
    },
  )
}
