import { createHash } from 'node:crypto'
import type { Host } from '../../src/host/host.ts'
import { findPartition } from '../../src/proof/qemu/image-kernel.ts'

/** By target on the node: the new content of a file that the seed holds. */
export type SeedChanges = Readonly<Record<string, (content: string) => string>>

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

/** Changes files on the seed of a built image, with their digests, as someone with the card in hand could. */
export const changeSeed = async (
  host: Host,
  image: string,
  changes: SeedChanges,
  /** The new content of `node.conf`, which is no file of the node's. */
  changeConf: (content: string) => string = (content) => content,
): Promise<void> => {
  const { startBytes } = await findPartition(host, image, 'seed')
  const drive = `${image}@@${startBytes}`
  const run = async (argv: readonly string[], input?: string): Promise<string> => {
    const options = { doing: `change the seed of ${image}`, env: { MTOOLS_SKIP_CHECK: '1' } }
    const { stdout } = await host.exec(
      argv,
      input === undefined ? options : { ...options, input: Buffer.from(input) },
    )
    return stdout
  }
  const read = (path: string): Promise<string> => run(['mcopy', '-i', drive, `::appliance/${path}`, '-'])
  const write = (path: string, content: string): Promise<string> =>
    run(['mcopy', '-o', '-i', drive, '-', `::appliance/${path}`], content)

  let list = (await read('install.list')).trimEnd()
  for (const [target, change] of Object.entries(changes)) {
    const line = list.split('\n').find((candidate) => candidate.endsWith(` ${target}`))
    const [kind = '', mode = '', , number = ''] = line?.split(' ') ?? []
    if (line === undefined) throw new Error(`the seed of ${image} has no ${target}`)
    const before = await read(`files/${number}`)
    // What the program that copies leaves out at the end is put back: every one of these files ends with a newline.
    const after = change(before.endsWith('\n') ? before : `${before}\n`)
    await write(`files/${number}`, after)
    list = list.replace(line, `${kind} ${mode} ${sha256(after)} ${number} ${target}`)
  }
  await write('install.list', `${list}\n`)
  const conf = changeConf(await read('node.conf')).trimEnd()
  await write('node.conf', `${conf.replace(/SEED_ID='[^']*'/, `SEED_ID='${sha256(`${list}\n`)}'`)}\n`)
}
