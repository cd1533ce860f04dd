import type { BoardRecipe, FrontEnd } from '../recipes/recipe.ts'
import type { LockedKernel } from '../resolve/kernels/locked-kernel.ts'
import type { BoardModels } from '../resolve/kernels/models.ts'
import { isVendorKernel, modelsOf } from '../resolve/kernels/models.ts'
import type { ResolvedPi } from '../resolve/pi.ts'
import type { BasePlan, BootPlan, PackagePin, PlannedFile } from './build-plan.ts'
import { idOf } from './canonical-json.ts'
import { partitionGuid } from './disk-plan.ts'
import { fixedVolumeId } from './fixed-ids.ts'
import { piKernelArguments, raspberryPiFiles } from './raspberry-pi-boot.ts'
import type { Renderer } from './renderer.ts'

/** Raised when assembly makes other bytes from the same plan, so that a cache never mixes the two. */
const format = 1

/** Where UEFI firmware looks on a disk nobody has registered (UEFI 2.10, 3.5.1.1). */
const efiPath = { arm64: 'EFI/BOOT/BOOTAA64.EFI', amd64: 'EFI/BOOT/BOOTX64.EFI' } as const

/**
 * What Ignition's dracut module reads: that it may work at this start (whether it does is decided in the initrd, by what the
 * disk has been set up with), and where its config comes from: `metal` takes the file that the initrd lays down for it.
 */
const frontEndArguments: Readonly<Record<FrontEnd, readonly string[]>> = {
  'cloud-init': [],
  ignition: ['ignition.firstboot=1', 'ignition.platform.id=metal'],
}

/** Root is named outright: systemd must not guess partitions, of which an update will bring a second set. */
export const kernelArguments = (
  board: BoardRecipe,
  { pi, kernel, frontEnd }: Pick<FirmwareInputs, 'pi' | 'kernel' | 'frontEnd'>,
): readonly string[] => [
  `root=PARTUUID=${partitionGuid(board.name, 'root-a')}`,
  'rootfstype=squashfs',
  'ro',
  'systemd.gpt_auto=0',
  ...frontEndArguments[frontEnd],
  ...board.kernelArguments,
  ...(board.firmware === 'uefi' || pi === null
    ? []
    : piKernelArguments(board.firmware, pi, isVendorKernel(kernel))),
]

const text = (path: string, lines: readonly string[]): PlannedFile => ({
  path,
  mode: 0o644,
  content: { kind: 'text', text: `${lines.join('\n')}\n` },
})

const base = (path: string, name: string): PlannedFile => ({
  path,
  mode: 0o644,
  content: { kind: 'base', name },
})

const uefiFiles = (board: BoardRecipe, inputs: FirmwareInputs): readonly PlannedFile[] => [
  base(efiPath[board.architecture], 'systemd-boot.efi'),
  text('loader/loader.conf', ['default appliance-a.conf', 'timeout 0', 'editor no', 'auto-entries no']),
  text('loader/entries/appliance-a.conf', [
    'title Appliance (a)',
    'linux /a/vmlinuz',
    'initrd /a/initrd.img',
    `options ${kernelArguments(board, { ...inputs, pi: null }).join(' ')}`,
  ]),
]

const modelNames = ({ served, missing }: BoardModels): BootPlan['models'] => ({
  served: served.map(({ model }) => model),
  missing,
})

export interface FirmwareInputs {
  /** Packages that firmware is taken from. */
  readonly firmware: readonly PackagePin[]
  /** Settings of a Raspberry Pi; null for other boards. */
  readonly pi: ResolvedPi | null
  readonly kernel: LockedKernel
  readonly frontEnd: FrontEnd
}

/** What starts the kernel, and slot `a`: kernel, initrd and entry of a later slot `b` fit beside them. */
export const planBoot = (
  board: BoardRecipe,
  { id: baseId, epoch }: Pick<BasePlan, 'id' | 'epoch'>,
  inputs: FirmwareInputs,
  renderer: Renderer,
): BootPlan => {
  const { firmware, pi, kernel } = inputs
  const files = [
    base('a/vmlinuz', 'vmlinuz'),
    base('a/initrd.img', 'initrd.img'),
    ...(board.firmware === 'uefi' || pi === null
      ? uefiFiles(board, inputs)
      : raspberryPiFiles(board.firmware, pi, kernelArguments(board, inputs), { kernel, firmware }, renderer)),
  ]
  const content = {
    board: board.name,
    architecture: board.architecture,
    baseId,
    files,
    volumeId: fixedVolumeId(`${board.name}/boot`),
    epoch,
  }
  return {
    id: idOf({ kind: 'boot', format, ...content }),
    ...content,
    models: board.firmware === 'uefi' ? null : modelNames(modelsOf(board.firmware, kernel)),
  }
}
