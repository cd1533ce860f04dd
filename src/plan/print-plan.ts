import { humanSize, textTable } from '../diagnostics/text-table.ts'
import { baseOf, idOfBase } from './base-of.ts'
import type {
  BaseFile,
  BaseImagePlan,
  BasePlan,
  BootPlan,
  BuildPlan,
  FileContent,
  NodePlan,
  PayloadPlan,
  PlannedFile,
  PlannedPartition,
  SizeBounds,
} from './build-plan.ts'
import { archiveTarBytes } from './image-archive.ts'
import { printImages } from './print-images.ts'
import { fileSize, mediumBounds, partitionBounds } from './size-bounds.ts'

const boundsText = ({ lower, upper }: SizeBounds): string =>
  lower === upper ? humanSize(lower) : `${humanSize(lower)} to ${humanSize(upper)}`

const origin = (content: FileContent): string => {
  switch (content.kind) {
    case 'text':
      return `text, ${humanSize(new TextEncoder().encode(content.text).length)}`
    case 'artifact':
      return `${content.artifact.name}, ${humanSize(content.artifact.sizeBytes)}, sha256 ${content.artifact.sha256}`
    case 'state':
      return `cluster state ${content.reference.name}${content.reference.secret ? ' (secret)' : ''}`
    case 'composed':
      return content.parts
        .map((part) => (typeof part === 'string' ? 'text' : `secret of ${part.secret.at}`))
        .join(' + ')
    case 'backup':
      return `backup ${content.name}, ${humanSize(content.sizeBytes)} (secret)`
    case 'base':
      return `base ${content.name}`
    case 'image-archive':
      return `${content.archive.blobs.length} blobs of images, ${humanSize(archiveTarBytes(content.archive))} before zstd`
    case 'sums':
      return `checksums of ${content.sums.length} files`
    case 'package':
      return `${content.package.name} ${content.package.version}, ${content.path}`
  }
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

const kernelOrigin = {
  stable: 'of the base',
  backports: 'of its backports, as `base.kernel` asks',
  given: 'of the packages under `base.kernel.packages`',
} as const

const kernelLine = ({ kernel: { source, release, pages } }: BasePlan): string =>
  `  kernel ${release}, ${kernelOrigin[source]}, pages of ${pages.replace('k', ' KiB')}`

/** Which models a card starts; nothing for boards of one model. */
const modelLines = ({ models }: BootPlan): readonly string[] => {
  if (models === null) return []
  const missing = models.missing.length === 0 ? '' : `; no device tree for ${models.missing.join(', ')}`
  return [`  starts ${models.served.join(', ')}${missing}`]
}

/** Overlays are some hundred: the folder alone. */
const bootRows = ({ files }: BootPlan): readonly (readonly string[])[] => {
  const isOverlay = ({ path }: PlannedFile): boolean => /\/overlays\//.test(path)
  const overlays = files.filter(isOverlay)
  const rows = files.filter((file) => !isOverlay(file)).map(({ path, content }) => [path, origin(content)])
  const source = overlays.find(({ content }) => content.kind === 'package')
  if (source?.content.kind !== 'package') return rows
  const from = `${source.content.package.name} ${source.content.package.version}`
  return [...rows, ['a/overlays/', `${overlays.length} files, ${from}`]]
}

const basePart = (base: BasePlan): readonly string[] => {
  const bytes = base.packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return [
    `base ${base.recipe} ${base.architecture}  ${base.id.slice(0, 12)}`,
    `  ${base.packages.length} packages, ${humanSize(bytes)}; ${base.files.length} files of our own`,
    kernelLine(base),
    '',
  ]
}

const wayText = {
  cidata: 'cloud-init takes its configuration from the seed; nothing of the base is written',
  'boot-files': 'cloud-init takes its configuration from files of a partition of the base',
  'ignition-file': 'Ignition takes its configuration from a file of a partition of the base',
  'ignition-seed': 'Ignition takes its configuration from the seed; nothing of the base is written',
  brought: 'Ignition takes its configuration from where the user brings it',
} as const

const imagePart = (image: BaseImagePlan): readonly string[] => [
  `base image ${image.title}, ${image.architecture}  ${image.id.slice(0, 12)}`,
  `  ${image.artifact.name}, ${image.form}, ${humanSize(image.artifact.sizeBytes)}, sha256 ${image.artifact.sha256}`,
  `  disk of ${humanSize(image.diskBytes)}, ${image.table === 'gpt' ? 'GPT' : 'MBR'}; ${wayText[image.configuration.way]}`,
  ...textTable(
    image.partitions.map(({ number, offset, size, fileSystem, label, name }) => [
      image.renumbered?.to === number ? `${number}, was ${image.renumbered.from}` : String(number),
      `at ${humanSize(offset)}`,
      humanSize(size),
      fileSystem,
      label || name,
    ]),
  ),
  '',
]

const payloadPart = (payload: PayloadPlan): readonly string[] => [
  `payload ${payload.architecture}  ${payload.id.slice(0, 12)}`,
  ...textTable(payload.files.map((file) => [octal(file.mode), file.path, origin(file.content)])),
  ...(payload.images.length === 0
    ? []
    : [
        " images beside k3s's own",
        ...textTable(
          payload.images.map(({ name, digest, sizeBytes, from }) => [
            name,
            humanSize(sizeBytes),
            digest,
            from,
          ]),
        ),
      ]),
  '',
]

const baseFileRow = ({ partition, path, text }: BaseFile): readonly string[] => [
  `partition ${partition}`,
  path,
  `text, ${humanSize(new TextEncoder().encode(text).length)}`,
]

const partitionRows = (
  { disk }: NodePlan,
  bounds: Readonly<Record<string, SizeBounds>>,
): readonly (readonly string[])[] =>
  Object.entries(bounds).map(([name, size]) => {
    const planned = disk.partitions.find((each) => each.name === name)
    return [name, boundsText(size), planned === undefined ? 'as it is' : placeText(planned)]
  })

const placeText = ({ partitionGuid, number }: PlannedPartition): string =>
  partitionGuid === '' ? `partition ${number}` : partitionGuid

const nodePart = (plan: BuildPlan, node: NodePlan): readonly string[] => {
  const base = baseOf(plan, node)
  const payload = plan.payloads.find(({ id }) => id === node.payloadId)
  const { base: under } = node
  const boot = plan.boots.find(({ id }) => under.kind === 'made' && id === under.bootId)
  if (payload === undefined) throw new Error(`${node.name} names parts the plan lacks`)
  const bounds = partitionBounds(node, base, payload)
  const medium = mediumBounds(node, base, payload)
  const declared = node.mediumBytes === null ? '' : `, declared ${humanSize(node.mediumBytes)}`
  return [
    `node ${node.name}  ${node.role}${node.first ? ' (first)' : ''}, ${node.board}, ${node.addresses.join(', ') || 'DHCP'}`,
    ...textTable(partitionRows(node, bounds)),
    `  data  the rest of the medium, at least ${humanSize(medium.lower)} in all${declared}`,
    ...(boot === undefined ? [] : [' boot', ...modelLines(boot), ...textTable(bootRows(boot))]),
    ...(under.kind === 'image' && under.files.length > 0
      ? [' written to the base', ...textTable(under.files.map(baseFileRow))]
      : []),
    ` medium ${node.medium.kind}`,
    ...textTable(node.medium.choices.map(({ setting, chosen, why }) => [setting, `${chosen}: ${why}`])),
    ' seed',
    ...textTable(
      [...node.seed.documents, ...node.seed.files].map(({ path, content }) => [path, origin(content)]),
    ),
    ' placed at the first boot',
    ...textTable(
      node.seed.install.map(({ target, mode, content }) => [octal(mode), target, origin(content)]),
    ),
    '',
  ]
}

/** The plan for people. Secrets are named by their reference; nothing here holds one. */
export const printPlan = (plan: BuildPlan): string => {
  const used = (id: string): boolean =>
    plan.nodes.some(({ base, payloadId }) => idOfBase(base) === id || payloadId === id)
  const payloads = plan.payloads.filter(({ id }) => used(id))
  const total = payloads.flatMap(({ files }) => files).reduce((sum, file) => sum + fileSize(file), 0)
  const lines = [
    `cluster ${plan.cluster}, k3s ${plan.k3sVersion}, lock of ${new Date(plan.epoch * 1000).toISOString()}`,
    `outputs ${plan.outputs.join(', ')}; kubeconfig for ${plan.kubeconfigs[0]?.server}; payload ${humanSize(total)}`,
    '',
    ...plan.bases.filter(({ id }) => used(id)).flatMap(basePart),
    ...plan.baseImages.filter(({ id }) => used(id)).flatMap(imagePart),
    ...payloads.flatMap(payloadPart),
    ...printImages(plan.images),
    ...plan.nodes.flatMap((node) => nodePart(plan, node)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
