/** `ctr images ls`: what was imported. */

import { findDataDirectory } from '../cli/data-directory.ts'
import { ImageStore } from '../images/store.ts'

export async function runCtr(commandLine: readonly string[]): Promise<void> {
  const words: string[] = []
  const options: string[] = []
  for (let index = 0; index < commandLine.length; index++) {
    const argument = commandLine[index] ?? ''
    if (['-n', '--namespace', '-a', '--address'].includes(argument)) index++
    else if (argument.startsWith('-')) options.push(argument)
    else words.push(argument)
  }
  const [group = '', action = ''] = words
  if (!['images', 'image', 'i'].includes(group) || !['ls', 'list'].includes(action)) {
    throw new Error(`the stand-in for k3s has only "ctr images ls", not "ctr ${words.join(' ')}"`)
  }
  const images = new ImageStore(await findDataDirectory(process.env)).list()
  if (options.includes('-q') || options.includes('--quiet')) {
    for (const { name } of images) process.stdout.write(`${name}\n`)
    return
  }
  const rows = images.map(({ name, mediaType, digest, size, platform, pinned }) => [
    name,
    mediaType,
    digest,
    `${(size / 1024).toFixed(1)} KiB`,
    platform,
    pinned ? 'io.cattle.k3s.pinned=pinned,io.cri-containerd.pinned=pinned' : '-',
  ])
  const table = [['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows]
  const widths = (table[0] ?? []).map((_cell, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  for (const row of table) {
    process.stdout.write(`${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' ')}\n`)
  }
}
