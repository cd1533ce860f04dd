import { createFatReader } from '../../../host/disk/fat-reader.ts'
import { plainPath } from '../../../host/disk/file-system-reader.ts'
import type { Host } from '../../../host/host.ts'
import type { BasePartition, BaseStarter, CommandLine } from '../../base-image/locked-base-image.ts'
import type { Architecture } from '../../pins.ts'
import { commandLineFiles, hasLargePagesOnPi5, startsOnPi } from './pi-boot.ts'

/** A FAT of the disk, with the paths of its files; the firmware does not tell cases apart. */
export interface FatPartition {
  readonly partition: BasePartition
  readonly files: readonly string[]
  readonly read: (path: string) => Promise<string | undefined>
  /** Content of config.txt, which the firmware of a Raspberry Pi reads; undefined where it would not start from here. */
  readonly piConfig: string | undefined
}

export const hasFile = ({ files }: Pick<FatPartition, 'files'>, name: string): boolean =>
  files.some((file) => file.toLowerCase() === name)

export const readFats = async (
  host: Host,
  path: string,
  partitions: readonly BasePartition[],
): Promise<readonly FatPartition[]> => {
  const fats: FatPartition[] = []
  for (const partition of partitions.filter(({ fileSystem }) => fileSystem === 'vfat')) {
    const { list, read } = createFatReader(host, path, partition.offset)
    const files = await list()
    const config = hasFile({ files }, 'config.txt') ? await read('config.txt') : undefined
    const piConfig = config !== undefined && startsOnPi(files, config) ? config : undefined
    fats.push({ partition, files, read, piConfig })
  }
  return fats
}

/** Where UEFI firmware looks on a disk that nobody has registered (UEFI 2.10, 3.5.1.1). */
const loaders: readonly (readonly [RegExp, Architecture])[] = [
  [/^efi\/boot\/bootaa64\.efi$/i, 'arm64'],
  [/^efi\/boot\/bootx64\.efi$/i, 'amd64'],
]

export const loaderArchitecture = (fats: readonly FatPartition[]): Architecture | undefined =>
  loaders.find(([pattern]) => fats.some(({ files }) => files.some((file) => pattern.test(file))))?.[1]

const isPiBoot = ({ piConfig }: FatPartition): boolean => piConfig !== undefined

export const startersOf = (fats: readonly FatPartition[]): readonly BaseStarter[] => [
  ...(loaderArchitecture(fats) === undefined ? [] : (['uefi'] as const)),
  ...(fats.some(isPiBoot) ? (['raspberry-pi'] as const) : []),
]

export const hasLargePages = (fats: readonly FatPartition[]): boolean => {
  const boot = fats.find(isPiBoot)
  return boot?.piConfig !== undefined && hasLargePagesOnPi5(boot.files, boot.piConfig)
}

/** The FAT that NoCloud is told to read, by its label or by the files that lie there already. */
export const seedFat = (fats: readonly FatPartition[], label: string | undefined): FatPartition | undefined =>
  fats.find(
    ({ partition }) => label !== undefined && partition.label.toLowerCase() === label.toLowerCase(),
  ) ??
  fats.find((fat) => hasFile(fat, 'meta-data') && hasFile(fat, 'user-data')) ??
  fats.find(isPiBoot)

/** Command lines that kernels get from this partition; empty ones say nothing, and are not changed. */
export const readCommandLines = async (fat: FatPartition): Promise<readonly CommandLine[]> => {
  const paths = fat.piConfig === undefined ? ['cmdline.txt'] : commandLineFiles(fat.files, fat.piConfig)
  const found: CommandLine[] = []
  for (const path of paths.filter((each) => plainPath.test(`/${each}`))) {
    const text = (await fat.read(path))?.trim() ?? ''
    if (text !== '') found.push({ path, text })
  }
  return found
}
