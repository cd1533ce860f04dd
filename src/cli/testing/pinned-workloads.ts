import { imageName } from '../../profile/image-reference.ts'
import type { WorkloadEntry } from '../../profile/workload-entry.ts'
import {
  chartConfigName,
  chartValuesName,
  entryName,
  fileNameOf,
  isManifestFile,
} from '../../profile/workload-entry.ts'
import type { ImageRequest } from '../../resolve/image-requests.ts'
import type { LockedImage } from '../../resolve/lock.ts'
import type { BlobPin } from '../../resolve/pins.ts'
import { helmChartConfig } from '../../resolve/workloads/helm-chart.ts'
import type {
  LockedManifest,
  LockedWorkload,
  TemplatePart,
} from '../../resolve/workloads/locked-workloads.ts'
import { requestOf } from '../../resolve/workloads/request.ts'

const sha256 = 'ab'.repeat(32)
const artifact = (name: string) => ({ name, sha256, sizeBytes: 1000 })

/** A text with each secret in it, as a value of its own; files of the user's do not follow the order of keys in the profile. */
const template = (head: string, entry: WorkloadEntry): readonly TemplatePart[] => [
  head,
  ...Object.keys(entry.secrets)
    .toSorted()
    .flatMap((secret): readonly TemplatePart[] => [`  ${secret}: `, { secret, as: 'json' }, '\n']),
]

const secretHead = 'apiVersion: v1\nkind: Secret\nmetadata: { name: secret }\nstringData:\n'

const manifestsOf = (entry: WorkloadEntry): readonly LockedManifest[] => {
  const hasSecrets = Object.keys(entry.secrets).length > 0
  const plain = (fileName: string): LockedManifest => ({
    fileName,
    content: { kind: 'artifact', artifact: artifact(fileName) },
  })
  const config = (name: string, fileName: string): LockedManifest => ({
    fileName,
    content: { kind: 'template', parts: helmChartConfig(name, template('values:\n', entry), undefined) },
  })
  switch (entry.kind) {
    case 'manifest': {
      const fileName = isManifestFile(entry.file) ? fileNameOf(entry.file) : 'one-of-folder.yaml'
      return hasSecrets
        ? [{ fileName, content: { kind: 'template', parts: template(secretHead, entry) } }]
        : [plain(fileName)]
    }
    case 'chart': {
      const { name } = entry.chart
      const values = `${chartValuesName(name)}.yaml`
      return [plain(`${name}.yaml`), ...(hasSecrets ? [config(name, values)] : [])]
    }
    case 'chart-config': {
      const fileName = `${chartConfigName(entry.config.name)}.yaml`
      return [hasSecrets ? config(entry.config.name, fileName) : plain(fileName)]
    }
  }
}

/** What a lock says of the manifests and charts of a profile. */
export const pinnedWorkloads = (entries: readonly WorkloadEntry[]): readonly LockedWorkload[] =>
  entries.map((entry) => ({
    entry: entryName(entry),
    request: requestOf(entry),
    digest: sha256,
    manifests: manifestsOf(entry),
    served: [],
    images: [
      {
        image: 'docker.io/rancher/mirrored-pause:3.6',
        certainty: 'certain',
        pull: 'other',
        by: entryName(entry),
      },
    ],
    notRendered: null,
  }))

const blob = (mediaType: string, digit: number): BlobPin => ({
  mediaType: `application/vnd.oci.image.${mediaType}`,
  sha256: `${digit}`.repeat(64),
  sizeBytes: 1000,
})

/** What a lock says of images: those of archives are named after their wish. */
export const pinnedImages = (requests: readonly ImageRequest[]): readonly LockedImage[] =>
  requests.map(({ key, source, as, architectures }, index) => {
    const image = {
      manifest: blob('manifest.v1+json', index),
      config: blob('config.v1+json', index),
      layers: [blob('layer.v1.tar+gzip', 9)],
    }
    return {
      key,
      name: as ?? (source.kind === 'registry' ? imageName(source.reference) : `example.com/local-${index}:1`),
      index: null,
      platforms: Object.fromEntries(architectures.map((architecture) => [architecture, image])),
    }
  })
