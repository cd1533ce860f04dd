import type { Host } from '../../host/host.ts'
import type { BuildPlan, NodePlan, PlannedFile } from '../../plan/build-plan.ts'
import { bootOf, copyFromBoot } from './image-kernel.ts'
import type { MachineModel } from './machine-model.ts'
import { boardArguments } from './machine-model.ts'

/** A kernel that QEMU starts itself, in the place of a firmware that it does not have. Paths on this host. */
export interface DirectStart {
  readonly kind: 'direct'
  readonly kernel: string
  readonly initrd: string
  /** Null: the machine describes itself. */
  readonly deviceTree: string | null
  readonly commandLine: string
}

const isSerialConsole = (word: string): boolean => /^console=tty[A-Z]/.test(word)

/**
 * The image's own command line with what the machine needs. A console that the machine brings is in the place of the board's
 * serial one: a kernel that is told of two ports of one driver takes the first, and is silent when that one is not there
 * (try_enable_preferred_console of kernel/printk/printk.c; a Raspberry Pi 5's is ttyAMA10).
 */
export const machineCommandLine = (line: string, added: readonly string[]): string => {
  const words = line.split(' ')
  const kept = added.some(isSerialConsole) ? words.filter((word) => !isSerialConsole(word)) : words
  return [...kept, ...added].join(' ')
}

/** Copies what the firmware would load out of the image's own boot partition, and reads its command line. */
export const prepareDirectStart = async (
  host: Host,
  plan: BuildPlan,
  node: NodePlan,
  image: string,
  model: MachineModel & { readonly direct: NonNullable<MachineModel['direct']> },
  directory: string,
): Promise<DirectStart> => {
  const boot = bootOf(plan, node)
  const copy = async (what: string, isWanted: (file: PlannedFile) => boolean): Promise<string> => {
    const file = boot?.files.find(isWanted)
    if (file === undefined) throw new TypeError(`the boot partition of ${node.name} has no ${what}`)
    const target = `${directory}/${what}`
    await copyFromBoot(host, image, file.path, target)
    return target
  }
  const isBase =
    (name: string) =>
    ({ content }: PlannedFile): boolean =>
      content.kind === 'base' && content.name === name
  const { deviceTree, kernelArguments } = model.direct
  const commandLineFile = await copy('cmdline.txt', ({ path }) => path.endsWith('/cmdline.txt'))
  const [line = ''] = ((await host.files.readText(commandLineFile)) ?? '').split('\n')
  return {
    kind: 'direct',
    kernel: await copy('vmlinuz', isBase('vmlinuz')),
    initrd: await copy('initrd.img', isBase('initrd.img')),
    deviceTree:
      deviceTree === undefined ? null : await copy(deviceTree, ({ path }) => path.endsWith(`/${deviceTree}`)),
    commandLine: machineCommandLine(line, [...kernelArguments, ...boardArguments(model)]),
  }
}
