import { distributionText } from '../../resolve/base-image/check-base-image.ts'
import type { LockedBaseImage, Renumbering } from '../../resolve/base-image/locked-base-image.ts'
import type { BaseFile, BaseImagePlan, DiskPlan, MountFolders, PlannedFile, SeedPlan } from '../build-plan.ts'
import { idOf } from '../canonical-json.ts'
import { linuxGeneric } from '../disk-plan.ts'
import { fixedUuid } from '../fixed-ids.ts'
import { changedCommandLine } from '../provisioning/kernel-arguments.ts'
import type { Provisioning } from '../provisioning/provisioning.ts'
import { layoutOf, placeOn } from './base-image-layout.ts'

/** Raised when assembly makes other bytes from the same plan, so that a cache never mixes the two. */
const format = 1

export const planBaseImage = (image: LockedBaseImage): BaseImagePlan => {
  const { artifact, form, architecture, diskBytes, table, partitions, renumbered, configuration } = image
  return {
    id: idOf({ kind: 'base-image', format, form, sha256: artifact.sha256 }),
    artifact,
    form,
    architecture,
    diskBytes,
    table,
    partitions: partitions.map((each) =>
      renumbered?.from === each.number ? { ...each, number: renumbered.to } : each,
    ),
    ...(renumbered === undefined ? {} : { renumbered }),
    title: distributionText(image),
    configuration,
  }
}

/** Types of an MBR: Linux, and FAT with LBA. */
const mbrTypes = { payload: '83', seed: '0c' } as const

/** `data` is what the node names it when it has a file system (templates/base-image/usr/lib/appliance/disk). */
const emptyEntry = ({ from }: Renumbering): NonNullable<DiskPlan['empty']> => ({
  name: 'data-to-be',
  number: from,
  typeGuid: linuxGeneric,
  partitionGuid: fixedUuid('base-image/data'),
})

/** The table that the base has, with ours behind its own; the same for all nodes. */
export const planImageDisk = (image: LockedBaseImage): DiskPlan => {
  const isGpt = image.table === 'gpt'
  return {
    table: image.table,
    diskGuid: image.diskId,
    partitions: (['payload', 'seed'] as const).map((name, index) => ({
      name,
      number: image.firstNumber + index,
      typeGuid: isGpt ? linuxGeneric : mbrTypes[name],
      partitionGuid: isGpt ? fixedUuid(`base-image/${name}`) : '',
    })),
    alignmentBytes: 1024 * 1024,
    ...(image.renumbered === undefined ? {} : { empty: emptyEntry(image.renumbered) }),
  }
}

/** Bases that read files of their own must not find a second source on the seed. */
export const seedLabel = (image: LockedBaseImage | null): SeedPlan['label'] => {
  switch (image?.configuration.way) {
    case undefined:
    case 'cidata':
      return 'CIDATA'
    case 'ignition-seed':
      return 'ignition'
    default:
      return 'APPLSEED'
  }
}

const textOf = ({ path, content }: PlannedFile): string => {
  if (content.kind !== 'text') throw new Error(`the document ${path} is not plain text`)
  return content.text
}

/** Where a node mounts what is ours. */
export const planFolders = ({ configuration }: LockedBaseImage): MountFolders => {
  const layout = layoutOf(configuration)
  return { data: placeOn(layout, '/data'), payload: placeOn(layout, '/payload') }
}

/** What the base reads of the documents, in the places where it reads them. */
export const planImageFiles = (
  { configuration }: LockedBaseImage,
  documents: readonly PlannedFile[],
  { kernelArguments }: Pick<Provisioning, 'kernelArguments'>,
): readonly BaseFile[] => {
  switch (configuration.way) {
    case 'cidata':
    case 'ignition-seed':
    case 'brought':
      return []
    case 'boot-files': {
      const { partition, commandLines } = configuration
      return [
        ...documents.map((document) => ({ partition, path: document.path, text: textOf(document) })),
        ...commandLines.map(({ path, text }) => ({
          partition,
          path,
          text: changedCommandLine(text, kernelArguments),
        })),
      ]
    }
    case 'ignition-file': {
      const { partition, path } = configuration
      const [document, ...others] = documents
      if (document === undefined || others.length > 0) throw new Error('Ignition reads one document')
      return [{ partition, path: path.replace(/^\//, ''), text: textOf(document) }]
    }
  }
}
