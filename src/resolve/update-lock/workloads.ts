import { join } from 'node:path'
import { sortDiagnostics } from '../../diagnostics/collector.ts'
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Host } from '../../host/host.ts'
import { addOnFault } from '../../profile/rules/images.ts'
import type { WorkloadEntry } from '../../profile/workload-entry.ts'
import { addOnName, entryName, namePath } from '../../profile/workload-entry.ts'
import type { K3sTables } from '../../recipes/k3s-tables.ts'
import type { InputStore } from '../lock-request.ts'
import { treeHash } from '../workloads/hash.ts'
import { distinct } from '../workloads/image-scan.ts'
import type { LockedWorkload } from '../workloads/locked-workloads.ts'
import { homelessObjects } from '../workloads/manifest-file.ts'
import { requestOf } from '../workloads/request.ts'
import { nodeAt, textAt } from '../workloads/user-yaml.ts'
import type { EntryImages } from './workloads/entry-images.ts'
import { imagesOf } from './workloads/entry-images.ts'
import { readChart, readChartConfig } from './workloads/read-charts.ts'
import type { ReadEntry, StoreBytes } from './workloads/read-entry.ts'
import { readManifests } from './workloads/read-manifests.ts'
import type { UserFolder } from './workloads/user-files.ts'
import { faultIn } from './workloads/user-files.ts'

export interface WorkloadsRequest {
  readonly entries: readonly WorkloadEntry[]
  readonly tree: YamlTree
  /** Folder of the profile. */
  readonly folder: string
  /** Names that k3s packages. */
  readonly tables: K3sTables
  /** `v1.33.1+k3s1`: what charts are rendered for. */
  readonly k3sVersion: string
}

interface Read {
  readonly entry: WorkloadEntry
  readonly read: ReadEntry
}

const storeBytesIn =
  (host: Host, store: InputStore, folder: string): StoreBytes =>
  async (name, bytes) => {
    const path = join(folder, 'workload')
    await host.files.writeAtomic(path, bytes)
    return { ...(await store.addFile(path)), name }
  }

const readEntry = (user: UserFolder, store: StoreBytes, entry: WorkloadEntry): Promise<ReadEntry> => {
  switch (entry.kind) {
    case 'manifest':
      return readManifests(user, store, entry)
    case 'chart':
      return readChart(user, store, entry)
    case 'chart-config':
      return readChartConfig(user, store, entry)
  }
}

/** k3s knows AddOns by their names alone, wherever their files are. */
const checkNames = (user: UserFolder, tables: K3sTables, all: readonly Read[]): readonly Diagnostic[] => {
  const seen = new Map<string, { readonly entry: WorkloadEntry; readonly fileName: string }>()
  return all.flatMap(({ entry, read }) =>
    read.manifests.flatMap(({ fileName }): readonly Diagnostic[] => {
      const name = addOnName(fileName)
      const fault = addOnFault(name, fileName, tables)
      if (fault !== undefined) return [faultIn(user, 'L0038', namePath(entry), fault.message, fault.help)]
      const first = seen.get(name)
      seen.set(name, first ?? { entry, fileName })
      if (first === undefined) return []
      return [
        {
          ...faultIn(
            user,
            'L0038',
            namePath(entry),
            `\`${fileName}\` of ${entryName(entry)}: a second manifest or chart named \`${name}\``,
            'k3s tells what it deploys apart by the name up to the first dot: rename one',
          ),
          ...(first.entry === entry
            ? {}
            : {
                related: [
                  {
                    range: user.tree.locate(namePath(first.entry)),
                    note: `the first one: ${first.fileName}`,
                  },
                ],
              }),
        },
      ]
    }),
  )
}

const helmCharts = (all: readonly Read[]) =>
  all.flatMap(({ read }) => read.objects.filter(({ kind }) => kind === 'HelmChart'))

/** Namespaces that charts create: those of the profile, and HelmCharts among the manifests. */
const createdByCharts = (all: readonly Read[]): readonly string[] => [
  ...all.flatMap(({ entry }) => {
    if (entry.kind !== 'chart') return []
    const { namespace, createNamespace = true } = entry.chart
    return namespace !== undefined && createNamespace ? [namespace] : []
  }),
  ...helmCharts(all).flatMap(({ document }) =>
    nodeAt(document, ['spec', 'createNamespace']) === undefined
      ? []
      : (textAt(document, ['spec', 'targetNamespace']) ?? []),
  ),
]

/** Charts that k3s packages (k3s/manifests/traefik.yaml). */
const packagedCharts: readonly string[] = ['traefik', 'traefik-crd']

const checkChartConfigs = (user: UserFolder, all: readonly Read[]): readonly Diagnostic[] => {
  const known = [...packagedCharts, ...helmCharts(all).map(({ name }) => name)]
  return all.flatMap(({ entry }) =>
    entry.kind !== 'chart-config' || known.includes(entry.config.name)
      ? []
      : [
          faultIn(
            user,
            'L0042',
            namePath(entry),
            `nobody deploys a chart \`${entry.config.name}\``,
            `there are: ${known.join(', ')}`,
            'warning',
          ),
        ],
  )
}

/**
 * Reads everything that k3s shall deploy, checks it as far as that goes without a cluster, and pins it. `work`: a folder of this
 * run. Undefined when something has an error.
 */
export const readWorkloads = async (
  host: Host,
  store: InputStore,
  work: string,
  { entries, tree, folder, tables, k3sVersion }: WorkloadsRequest,
): Promise<Result<readonly LockedWorkload[]>> => {
  const user: UserFolder = { files: host.files, folder, tree }
  const storeBytes = storeBytesIn(host, store, work)
  const all: Read[] = []
  for (const entry of entries) all.push({ entry, read: await readEntry(user, storeBytes, entry) })
  const faults = sortDiagnostics([
    ...all.flatMap(({ read }) => read.faults),
    ...checkNames(user, tables, all),
    ...checkChartConfigs(user, all),
    ...homelessObjects(
      all.flatMap(({ read }) => read.objects),
      createdByCharts(all),
    ),
  ])
  if (hasErrors(faults)) return [undefined, faults]
  const images: EntryImages[] = []
  for (const { entry, read } of all) images.push(await imagesOf(host, user, work, k3sVersion, entry, read))
  const refused = images.flatMap((each) => each.faults)
  if (refused.length > 0) return [undefined, sortDiagnostics([...faults, ...refused])]
  const locked = all.map(({ entry, read }, index) => ({
    entry: entryName(entry),
    request: requestOf(entry),
    digest: treeHash(read.files),
    manifests: read.manifests,
    served: read.served,
    images: distinct(images[index]?.images ?? []),
    notRendered: images[index]?.notRendered ?? null,
  }))
  return [locked, faults]
}
