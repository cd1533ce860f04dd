import { humanSize, textTable } from '../diagnostics/text-table.ts'
import { dayMs } from '../host/day.ts'
import type { BaseInspection, Inspection, SeedInspection } from './inspection.ts'

/** As for the state of a cluster: time to plan a visit. */
const warningDays = 180

const day = (time: string): string => time.slice(0, 10)

/** How long a certificate has, told where that is short. */
const leftText = (notAfter: string, nowMs: number): string => {
  const days = Math.floor((Date.parse(notAfter) - nowMs) / dayMs)
  if (days >= warningDays) return ''
  return days < 0 ? 'has ended' : `ends in ${days} days`
}

const seedLines = (seed: SeedInspection, nowMs: number): readonly string[] => [
  `seed: node ${seed.node ?? 'unknown'}, ${seed.role ?? 'unknown role'}, cluster ${seed.cluster ?? 'unknown'}${seed.taken ? '; taken: its secrets have been overwritten' : ''}`,
  ...textTable(
    seed.install.map(({ target, mode, secret, sha256 }) => [
      mode,
      secret ? 'secret' : 'plain',
      target,
      `sha256 ${sha256.slice(0, 16)}`,
    ]),
  ),
  ...(seed.certificates.length === 0 ? [] : ['certificates']),
  ...textTable(
    seed.certificates.map(({ target, subject, notBefore, notAfter }) => [
      target,
      subject,
      `${day(notBefore)} to ${day(notAfter)}`,
      leftText(notAfter, nowMs),
    ]),
  ),
  ...(seed.tokens.length === 0 ? [] : ['tokens']),
  ...textTable(
    seed.tokens.map(({ target, user, caHash }) => [target, `for ${user}`, `pins CA ${caHash.slice(0, 16)}`]),
  ),
  '',
]

/** `MBR hybrid: 1 type 0c at sector 2048, ...`: worth a line where it is more than a guard. */
const mbrLine = ({ kind, entries }: Inspection['table']['mbr']): string =>
  `MBR ${kind}: ${entries
    .map(
      ({ number, type, firstSector }) =>
        `${number} type ${type.toString(16).padStart(2, '0')} at sector ${firstSector}`,
    )
    .join(', ')}`

/** All files of a Raspberry Pi's boot partition are some hundred: then those that matter at a first start. */
const mostListed = 40
const readAtStart =
  /^(?:meta-data|user-data|network-config|vendor-data|cmdline\.txt|config\.txt|.*config\.ign)$/

const baseLines = ({ partition, files }: BaseInspection): readonly string[] => {
  const listed = files.length <= mostListed ? files : files.filter(({ path }) => readAtStart.test(path))
  const others = files.length - listed.length
  return [
    `partition ${partition} of the base: ${files.length} files`,
    ...textTable(listed.map(({ path, sha256 }) => [path, `sha256 ${sha256.slice(0, 16)}`])),
    ...(others === 0 ? [] : [`  and ${others} others: --format json lists them`]),
    '',
  ]
}

/** The inspection for people. */
export const printInspection = (inspection: Inspection, nowMs: number): string => {
  const { table: disk, boot, root, payload, seed } = inspection
  const lines = [
    `${inspection.image}: ${humanSize(inspection.sizeBytes)}${inspection.compressed ? ' when unpacked' : ''}, ${disk.form === 'gpt' ? 'GPT' : 'MBR'} ${disk.diskGuid}`,
    ...(disk.form === 'gpt' ? [`primary table ${disk.primary}, backup table ${disk.backup}`] : []),
    ...(disk.mbr.kind === 'protective' ? [] : [mbrLine(disk.mbr)]),
    ...textTable(
      disk.partitions.map(({ number, name, offset, size, fileSystem, guid }) => [
        name || String(number),
        `at ${humanSize(offset)}`,
        humanSize(size),
        fileSystem,
        guid,
      ]),
    ),
    '',
    ...inspection.base.flatMap(baseLines),
  ]
  if (boot !== null) {
    lines.push('boot', ...boot.files.map((file) => `  ${file}`))
    for (const { file, kernelArguments } of boot.entries) lines.push(`  ${file}: ${kernelArguments}`)
    lines.push('')
  }
  if (root !== null) {
    const time = root.epoch === null ? 'unknown' : new Date(root.epoch * 1000).toISOString()
    lines.push(
      `root: ${root.os}, ${root.architecture}, ${root.packages.length} packages, lock of ${time}`,
      '',
    )
  }
  if (payload !== null) {
    lines.push(
      `payload: k3s ${payload.k3sVersion ?? 'of unknown version'}, ${payload.images.length} images`,
      ...textTable(
        payload.files.map(({ mode, path, sizeBytes, sha256 }) => [
          mode,
          path,
          humanSize(sizeBytes),
          sha256 === null ? '' : `sha256 ${sha256}`,
        ]),
      ),
      '',
    )
  }
  if (seed !== null) lines.push(...seedLines(seed, nowMs))
  return `${lines.join('\n').trimEnd()}\n`
}
