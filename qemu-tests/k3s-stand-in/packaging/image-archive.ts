/**
 * A small air-gap archive of the form that `docker save` writes: an OCI layout with `manifest.json` beside it. Each image
 * is well-formed and has one layer with one file; equal names give equal bytes.
 */

import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import type { Architecture } from './runtime.ts'

const EPOCH = new Date(0)
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: { readonly architecture: string; readonly os: string }
}

export async function makeImageArchive(
  names: readonly string[],
  architecture: Architecture,
): Promise<Buffer> {
  const blobs = new Map<string, Buffer>()
  const manifests: Descriptor[] = []
  const legacy: object[] = []
  for (const name of names) {
    const layerTar = await tarOf([['stand-in', Buffer.from(`${name} ${architecture}\n`)]])
    const layer = addBlob(blobs, 'application/vnd.oci.image.layer.v1.tar', layerTar)
    const configuration = {
      architecture,
      os: 'linux',
      created: EPOCH.toISOString(),
      config: { Entrypoint: ['/stand-in'] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      history: [{ created: EPOCH.toISOString(), created_by: 'k3s stand-in' }],
    }
    const config = addBlob(blobs, 'application/vnd.oci.image.config.v1+json', json(configuration))
    const manifest = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers: [layer] }
    manifests.push({
      ...addBlob(blobs, MANIFEST_TYPE, json(manifest)),
      annotations: {
        'io.containerd.image.name': name,
        'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
      },
      platform: { architecture, os: 'linux' },
    })
    legacy.push({
      Config: blobPath(config.digest),
      RepoTags: [name.replace(/^docker\.io\//, '')],
      Layers: [blobPath(layer.digest)],
    })
  }
  const entries: [string, Buffer][] = [...blobs]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([digest, bytes]) => [blobPath(digest), bytes])
  entries.push(['index.json', json({ schemaVersion: 2, manifests })])
  entries.push(['manifest.json', json(legacy)])
  entries.push(['oci-layout', json({ imageLayoutVersion: '1.0.0' })])
  return tarOf(entries)
}

async function tarOf(entries: readonly (readonly [string, Buffer])[]): Promise<Buffer> {
  const archive = pack()
  for (const [name, bytes] of entries) archive.entry({ name, mode: 0o644, mtime: EPOCH }, bytes)
  archive.finalize()
  return buffer(archive)
}

function addBlob(blobs: Map<string, Buffer>, mediaType: string, bytes: Buffer): Descriptor {
  const digest = digestOf(bytes)
  blobs.set(digest, bytes)
  return { mediaType, digest, size: bytes.length }
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
